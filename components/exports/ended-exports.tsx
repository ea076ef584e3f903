"use client";

import { Button, Center, Text, Title } from "@mantine/core";
import { IconAdjustments, IconRefresh } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { isUnderWay, type Job } from "../jobs/use-job-watch";
import { useMay } from "../session";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import { useJobProblemText } from "../ui/use-job-problem-text";
import { choicesOf, type ExportChoices, readExportParams } from "./export-choices";
import classes from "./export-list.module.css";
import { ExportWords } from "./export-words";
import { useStartExport } from "./use-start-export";

const FIRST = 5;

interface Props {
  jobs: readonly Job[];
  onEdit: (choices: Partial<ExportChoices>) => void;
}

/** The exports that came to nothing: why, and again. */
export function EndedExports({ jobs, onEdit }: Props) {
  const t = useTranslations("exports");
  const timeZone = useTimeZone() ?? "UTC";
  const mayExport = useMay("export");
  const problemText = useJobProblemText();
  const start = useStartExport(jobs.filter(isUnderWay));
  const [isWhole, setWhole] = useState(false);
  const ended = jobs.filter(({ status }) => status === "failed" || status === "cancelled");
  if (ended.length === 0) return null;

  return (
    <Panel aria-labelledby="ended-exports" mb="lg">
      <Title order={2} id="ended-exports" className={classes.title}>
        {t("ended")}
      </Title>
      <ul className={classes.list}>
        {ended.slice(0, isWhole ? undefined : FIRST).map((job) => {
          const params = readExportParams(job.params);
          return (
            <li key={job.job_id} className={classes.item} data-job={job.job_id}>
              <div className={classes.row}>
                <div style={{ minWidth: 0 }}>
                  {params && <ExportWords params={params} />}
                  <div className={classes.reason} data-status={job.status}>
                    {problemText(job.error ?? "")}
                  </div>
                  <Text size="xs" c="dimmed">
                    {t("made", { time: formatTime(job.finished_at ?? job.created_at, timeZone), by: job.requested_by })}
                  </Text>
                </div>
                {mayExport && params && (
                  <div className={classes.actions}>
                    <Button
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
        })}
      </ul>
      {!isWhole && ended.length > FIRST && (
        <Center p="sm">
          <Button size="xs" variant="default" onClick={() => setWhole(true)}>
            {t("showAll", { count: ended.length })}
          </Button>
        </Center>
      )}
    </Panel>
  );
}
