"use client";

import { Alert, Button, Group, Progress, Text } from "@mantine/core";
import { IconAlertTriangle, IconUpload } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { useRefusalText } from "@/components/ui/use-coded-error";
import { useNumbers } from "@/components/ui/use-numbers";
import type { UploadOutcome } from "./upload";
import type { UploadState } from "./use-upload";

interface Props {
  state: UploadState;
  file: File;
  canStart: boolean;
  onStart: () => void;
  onCancel: () => void;
}

/** The start button of an import, its progress, and its error. */
export function ImportProgress({ state, file, canStart, onStart, onCancel }: Props) {
  const t = useTranslations();
  const { bytes, bytesPerSecond, percent } = useNumbers();

  if (state.phase === "sending") {
    const share = file.size === 0 ? 1 : Math.min(1, state.sent / file.size);
    const text =
      share === 1
        ? t("import.finishing")
        : t("import.uploading", {
            percent: percent(share),
            sent: bytes(state.sent),
            total: bytes(file.size),
            speed: bytesPerSecond(state.bytesPerSecond),
          });
    return (
      <Panel p="md" mb="lg" aria-label={t("import.title")}>
        <Progress value={share * 100} animated={share === 1} mb="sm" aria-label={t("import.title")} />
        <Group justify="space-between">
          <Text size="sm">{text}</Text>
          <Button size="xs" variant="default" onClick={onCancel}>
            {t("import.cancelUpload")}
          </Button>
        </Group>
      </Panel>
    );
  }
  return (
    <>
      {state.phase === "ended" && <EndedEarly outcome={state.outcome} />}
      <Group mb="lg">
        <Button leftSection={<IconUpload size={16} />} disabled={!canStart} onClick={onStart}>
          {t("import.startShort")}
        </Button>
      </Group>
    </>
  );
}

function EndedEarly({ outcome }: { outcome: UploadOutcome }) {
  const t = useTranslations();
  const refusalText = useRefusalText();
  if (outcome.kind === "done") return null;
  if (outcome.kind === "cancelled") {
    return (
      <Alert color="orange" mb="md" role="alert">
        {t("import.stopped")}
      </Alert>
    );
  }
  return (
    <Alert color="red" mb="md" role="alert" icon={<IconAlertTriangle aria-hidden />} title={t("import.uploadFailed")}>
      {outcome.refusal === null
        ? t(`errors.${outcome.code === "REFUSED" ? "INTERNAL" : outcome.code}`)
        : refusalText(outcome.refusal)}
      {outcome.refusal === null && (
        <Text size="sm" mt={4}>
          {t("import.failedHint")}
        </Text>
      )}
    </Alert>
  );
}
