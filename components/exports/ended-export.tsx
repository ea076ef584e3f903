"use client";

import { Button, Text } from "@mantine/core";
import { IconAdjustments, IconRefresh } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import type { JobOf } from "../jobs/use-job-watch";
import { useMay } from "../session";
import { formatTime } from "../ui/time";
import { useActorName } from "../ui/use-actor-name";
import { useCodedError } from "../ui/use-coded-error";
import { useFocusAfter } from "../ui/use-focus-after";
import { choicesOf, type ExportChoices } from "./export-choices";
import classes from "./export-list.module.css";
import { ExportWords } from "./export-words";
import { useStartExport } from "./use-start-export";

interface Props {
  job: JobOf<"export">;
  /** Running exports that a retry would join. */
  running: readonly JobOf<"export">[];
  onEdit: (choices: Partial<ExportChoices>) => void;
}

/** A failed or cancelled export with its reason and a retry button. */
export function EndedExport({ job, running, onEdit }: Props) {
  const t = useTranslations("exports");
  const timeZone = useTimeZone() ?? "UTC";
  const mayExport = useMay("export");
  const problemText = useCodedError();
  const actorName = useActorName();
  const start = useStartExport(running);
  const againButton = useFocusAfter(start.isPending);
  const { params } = job;
  return (
    <li className={classes.item} data-job={job.job_id}>
      <div className={classes.row}>
        <div style={{ minWidth: 0 }}>
          <ExportWords params={params} />
          <div className={classes.reason} data-status={job.status}>
            {job.error && problemText(job.error)}
          </div>
          <Text size="xs" c="dimmed">
            {t("made", {
              time: formatTime(job.finished_at ?? job.created_at, timeZone),
              by: actorName(job.requested_by),
            })}
          </Text>
        </div>
        {mayExport && (
          <div className={classes.actions}>
            <Button
              ref={againButton}
              size="xs"
              variant="default"
              leftSection={<IconRefresh size={15} stroke={1.7} />}
              loading={start.isPending}
              onClick={() => start.mutate(params)}
            >
              {t("again")}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconAdjustments size={15} stroke={1.7} />}
              onClick={() => onEdit(choicesOf(params, job.created_at))}
            >
              {t("change")}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}
