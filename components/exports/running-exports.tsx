"use client";

import { Button, Group, Text, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { JobProgress } from "../jobs/job-progress";
import { useCancelJob, useMayCancel } from "../jobs/use-cancel-job";
import type { JobOf } from "../jobs/use-job-watch";
import { Panel } from "../ui/panel";
import { useActorName } from "../ui/use-actor-name";
import { useFocusAfter } from "../ui/use-focus-after";
import { useNumbers } from "../ui/use-numbers";
import classes from "./export-list.module.css";
import { ExportWords } from "./export-words";

/** The running exports with their progress, if any. */
export function RunningExports({ jobs }: { jobs: readonly JobOf<"export">[] }) {
  const t = useTranslations();
  const { exact } = useNumbers();
  const cancel = useCancelJob();
  const mayCancel = useMayCancel();
  const actorName = useActorName();
  const cancelled = cancel.isError ? undefined : cancel.variables?.id;
  // The focused button is removed with its job.
  const title = useFocusAfter<HTMLHeadingElement>(jobs.some(({ job_id }) => job_id === cancelled));
  if (jobs.length === 0) return null;
  // Oldest first.
  const shown = jobs.toSorted((a, b) => a.created_at.localeCompare(b.created_at));

  return (
    <Panel aria-labelledby="running-exports" mb="lg">
      <Title order={2} id="running-exports" className={classes.title} ref={title} tabIndex={-1}>
        {t("exports.running")} <span className={classes.count}>{exact(jobs.length)}</span>
      </Title>
      <ul className={classes.list}>
        {shown.map((job) => {
          const isCancelling = cancel.isPending && cancel.variables.id === job.job_id;
          return (
            <li key={job.job_id} className={classes.item} data-job={job.job_id}>
              <Group justify="space-between" gap="xs" mb={6} wrap="nowrap" align="flex-start">
                <div style={{ minWidth: 0 }}>
                  <ExportWords params={job.params} />
                  <Text size="xs" c="dimmed">
                    {actorName(job.requested_by)}
                  </Text>
                </div>
                {mayCancel(job) && (
                  <Button
                    size="xs"
                    variant="default"
                    style={{ flex: "none" }}
                    loading={isCancelling}
                    onClick={() => cancel.mutate({ id: job.job_id })}
                  >
                    {t("jobs.cancel")}
                  </Button>
                )}
              </Group>
              <JobProgress job={job} label={t("exports.progress")} />
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
