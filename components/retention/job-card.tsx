"use client";

import { Badge, Box, Button, Group, Text, Title } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { JobProgress } from "@/components/jobs/job-progress";
import { useCancelJob, useMayCancel } from "@/components/jobs/use-cancel-job";
import { isUnfinished } from "@/components/jobs/use-job-watch";
import { formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useFocusAfter } from "@/components/ui/use-focus-after";
import { JobResult } from "./job-result";
import { type RetentionJob, useJobExtent, useJobName } from "./use-job-name";

const COLORS = { queued: "gray", running: "blue", completed: "teal", failed: "red", cancelled: "orange" } as const;

/** Returns the anchor of a job on the page. */
export function jobAnchor(id: string): string {
  return `job-${id}`;
}

/** A cleanup or restore: its progress with a cancel button, then its result. */
export function JobCard({ job, onHide }: { job: RetentionJob; onHide: () => void }) {
  const t = useTranslations("cleanup.jobs");
  const timeZone = useTimeZone() ?? "UTC";
  const cancel = useCancelJob();
  const mayCancel = useMayCancel();
  const name = useJobName()(job);
  const extent = useJobExtent()(job);
  const actorName = useActorName();
  const button = useFocusAfter(isUnfinished(job) && (cancel.isPending || cancel.isSuccess));
  const details = [
    t("by", { name: actorName(job.requested_by), time: formatTime(job.created_at, timeZone) }),
    ...(extent === null ? [] : [extent]),
    ...(job.kind === "cleanup" && !job.params.archive ? [t("noArchive")] : []),
  ];
  return (
    <Box id={jobAnchor(job.job_id)} data-job={job.kind} data-status={job.status} style={{ scrollMarginTop: 80 }}>
      <Group justify="space-between" align="flex-start" gap="xs" mb="xs">
        <div>
          <Group gap="xs">
            <Title order={3}>{name}</Title>
            <Badge variant="light" tt="none" color={COLORS[job.status]}>
              {t(`status.${job.status}`)}
            </Badge>
          </Group>
          <Text size="xs" c="dimmed">
            {details.join(" · ")}
          </Text>
        </div>
        {isUnfinished(job) ? (
          mayCancel(job) && (
            <Button
              ref={button}
              size="xs"
              variant="default"
              loading={cancel.isPending}
              disabled={cancel.isSuccess}
              onClick={() => cancel.mutate({ id: job.job_id })}
            >
              {cancel.isSuccess ? t("cancelling") : t("cancel")}
            </Button>
          )
        ) : (
          <Button ref={button} size="xs" variant="subtle" color="gray" onClick={onHide}>
            {t("hide")}
          </Button>
        )}
      </Group>
      {isUnfinished(job) ? (
        <JobProgress job={job} label={t("progress", { job: name })} />
      ) : (
        <div role="status">
          <JobResult job={job} />
        </div>
      )}
    </Box>
  );
}
