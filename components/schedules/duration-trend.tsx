"use client";

import { Skeleton, Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { NoValue } from "@/components/ui/no-value";
import { formatTime } from "@/components/ui/time";
import classes from "./duration-trend.module.css";
import type { TaskRun } from "./task";
import { useRunText } from "./use-run-text";

const WIDTH = 240;
const HEIGHT = 40;
/** Bar width of a full chart, so that a few runs do not fill it. */
const SLOTS = 30;
const MIN_BAR = 2;

/** Durations of the last runs, oldest first; the task history has them as a table. */
export function DurationTrend({ runs, task }: { runs: readonly TaskRun[] | null; task: string }) {
  const t = useTranslations("tasks");
  const timeZone = useTimeZone() ?? "UTC";
  const { took } = useRunText();
  const ended = (runs ?? [])
    .flatMap((run) => (run.duration_ms === null ? [] : [{ ...run, ms: run.duration_ms }]))
    .toReversed();
  const sorted = ended.map(({ ms }) => ms).sort((a, b) => a - b);
  const longest = sorted.at(-1) ?? 0;
  const slot = WIDTH / SLOTS;
  return (
    <div>
      <Text size="xs" c="dimmed">
        {ended.length === 0 ? t("duration") : t("trend", { count: ended.length, longest: took(longest) })}
      </Text>
      {runs === null && <Skeleton h={HEIGHT} mt={4} />}
      {runs !== null && ended.length === 0 && <NoValue reason={t("trendNone")} />}
      {ended.length > 0 && (
        <svg
          className={classes.chart}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t("trendSummary", {
            count: ended.length,
            task,
            median: took(sorted[Math.floor(sorted.length / 2)] ?? 0),
            longest: took(longest),
            failed: ended.filter(({ status }) => status === "failed").length,
          })}
        >
          <line className={classes.base} x1={0} x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
          {ended.map((run, index) => {
            const height = Math.max(MIN_BAR, (run.ms / Math.max(1, longest)) * (HEIGHT - 2));
            return (
              <rect
                key={run.job_id}
                className={classes.bar}
                data-status={run.status}
                x={index * slot + 1}
                y={HEIGHT - height}
                width={slot - 2}
                height={height}
              >
                <title>{`${formatTime(run.due_at, timeZone)} · ${took(run.ms)} · ${t(`status.${run.status}`)}`}</title>
              </rect>
            );
          })}
        </svg>
      )}
    </div>
  );
}
