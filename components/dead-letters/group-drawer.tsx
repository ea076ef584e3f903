"use client";

import { Alert, Drawer } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useCodedError } from "../ui/use-coded-error";
import type { OpenedGroup } from "./dead-letter";
import { GroupReplayForm } from "./group-replay-form";
import { ReplayJob } from "./replay-job";

interface Props {
  opened: OpenedGroup | null;
  search: string | undefined;
  onChange: (opened: OpenedGroup | null) => void;
}

/** Edits and replays the dead letters of one reason. */
export function GroupDrawer({ opened, search, onChange }: Props) {
  const t = useTranslations();
  const problemText = useCodedError();
  const close = () => onChange(null);
  return (
    <Drawer opened={opened !== null} onClose={close} position="right" size="xl" title={t("deadLetters.edit.title")}>
      {opened && (
        <>
          <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} mb="md">
            {problemText(opened.group.error)}
          </Alert>
          {opened.jobId === null ? (
            <GroupReplayForm
              group={opened.group}
              search={search}
              onStarted={(jobId) => onChange({ ...opened, jobId })}
              onCancel={close}
            />
          ) : (
            <ReplayJob jobId={opened.jobId} onEdit={() => onChange({ ...opened, jobId: null })} onClose={close} />
          )}
        </>
      )}
    </Drawer>
  );
}
