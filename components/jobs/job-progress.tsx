"use client";

import { Group, Progress, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useQueueWatch } from "../live/queue-watch";
import { useNumbers } from "../ui/use-numbers";
import { secondsLeft } from "./rate";
import { useJobRate } from "./use-job-rate";
import type { Job } from "./use-job-watch";

interface Props {
  job: Job;
  /** Accessible name of the progress bar. */
  label: string;
}

/** The progress of a job: phase, rows, rate and time left; or that it waits for a worker, if there is none. */
export function JobProgress({ job, label }: Props) {
  const t = useTranslations("jobs");
  const { exact, duration, perSecond } = useNumbers();
  const rate = useJobRate(job);
  const { done, total } = job.progress;
  const { status } = useQueueWatch();
  const hasNoWorker = status?.workers.length === 0;
  const current = hasNoWorker ? "waiting_for_worker" : job.status === "queued" ? "queued" : job.progress.phase;
  const phase = current === "done" ? null : current;
  const isWaiting = phase === "waiting_for_files" || hasNoWorker;
  // Deleting follows and takes longer.
  const left = phase === "archiving" || isWaiting ? null : secondsLeft(done, total, rate);
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  const isMoving = job.status === "running" && !isWaiting && (share === null || share === 1);
  const rows = total === null ? t("rows", { count: done }) : t("rowsOf", { done: exact(done), total: exact(total) });

  return (
    <div>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text size="sm" component="span">
          {phase && <>{t(`phase.${phase}`)} </>}
          {done > 0 && (
            <Text span c="dimmed" style={{ fontVariantNumeric: "tabular-nums" }}>
              {rows}
            </Text>
          )}
        </Text>
        <Text size="sm" c="dimmed" component="span" style={{ fontVariantNumeric: "tabular-nums" }}>
          {job.status === "running" && !isWaiting && rate !== null && rate > 0 && perSecond(rate)}
          {left !== null && left > 0 && <> · {t("left", { time: duration(left) })}</>}
        </Text>
      </Group>
      <Progress.Root size="sm" radius="xl">
        <Progress.Section
          value={job.status === "queued" ? 0 : (share ?? 1) * 100}
          animated={isMoving}
          striped={isMoving}
          aria-label={label}
          aria-valuetext={[phase && t(`phase.${phase}`), done > 0 && rows].filter(Boolean).join(", ")}
        />
      </Progress.Root>
    </div>
  );
}
