"use client";

import { Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { useQueueWatch } from "@/components/live/queue-watch";
import { Fact } from "@/components/ui/fact";
import { formatTime } from "@/components/ui/time";
import { useNumberText } from "@/components/ui/use-number-text";
import type { Task, TaskRun } from "./task";
import classes from "./task-panel.module.css";
import { useRunText } from "./use-run-text";
import { useScheduleText } from "./use-schedule-text";

/** The schedule, next run and last run of a task. */
export function TaskFacts({ task, now }: { task: Task; now: number }) {
  const t = useTranslations("tasks");
  const { relative } = useNumberText();
  const timeZone = useTimeZone() ?? "UTC";
  const scheduleText = useScheduleText();
  const { next_run_at: next, last_run: last } = task;
  const relativeTo = (at: string) => relative(Date.parse(at), now);
  return (
    <>
      <Fact label={t("schedule")} value={scheduleText(task.schedule)}>
        <Text size="xs" c="dimmed" ff="monospace" span>
          {task.schedule}
        </Text>{" "}
        {task.schedule_is_changed && (
          <Text size="xs" c="dimmed" span>
            · {t("changed")}
          </Text>
        )}
      </Fact>
      {next === null ? (
        <Fact label={t("nextRun")} value={t("nextNone")} />
      ) : (
        <Fact label={t("nextRun")} value={Date.parse(next) <= now ? t("nextDue") : relativeTo(next)}>
          <Text size="xs" c="dimmed">
            {formatTime(next, timeZone)}
          </Text>
        </Fact>
      )}
      {last === null ? <Fact label={t("lastRun")} value={t("never")} /> : <LastRun run={last} now={now} />}
    </>
  );
}

function LastRun({ run, now }: { run: TaskRun; now: number }) {
  const t = useTranslations("tasks");
  const { relative } = useNumberText();
  const timeZone = useTimeZone() ?? "UTC";
  const { outcome, trigger, took } = useRunText();
  const at = run.started_at ?? run.due_at;
  const { status } = useQueueWatch();
  const isWaiting = run.finished_at === null && status?.workers.length === 0;
  return (
    <Fact
      label={t("lastRun")}
      value={
        <span className={classes.status} data-status={run.status} data-testid="last-status">
          {isWaiting ? t("waitsForWorker") : t(`status.${run.status}`)}
        </span>
      }
    >
      <Text size="xs" c="dimmed" title={formatTime(at, timeZone)}>
        {relative(Math.min(Date.parse(at), now), now)} · {trigger(run)}
        {run.duration_ms !== null && ` · ${t("took", { duration: took(run.duration_ms) })}`}
      </Text>
      <Text size="xs" c={run.status === "failed" ? "var(--app-bad)" : undefined} mt={2} data-testid="last-outcome">
        {outcome(run)}
      </Text>
    </Fact>
  );
}
