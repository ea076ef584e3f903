"use client";

import { Group, Skeleton } from "@mantine/core";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { Fact } from "../ui/fact";
import { QueryError } from "../ui/query-error";
import { formatTime } from "../ui/time";
import type { Timeline } from "./use-timeline";

/** The number of events by table, and the times of the first and last one. */
export function TimelineFacts({ timeline: { summary } }: { timeline: Timeline }) {
  const t = useTranslations();
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const { data } = summary;
  if (summary.isPending) return <Skeleton h={38} mb="md" />;
  if (!data) return <QueryError query={summary} mb="md" />;
  const time = (at: string | null) => (at === null ? "–" : formatTime(at, timeZone));
  return (
    <Group gap="xl" mb="md">
      {data.tables.map(({ table, count, is_exact }) => (
        <Fact
          key={table}
          label={t(`tables.${table}`)}
          value={is_exact ? format.number(count) : t("timeline.about", { count: format.number(count) })}
        />
      ))}
      <Fact label={t("timeline.first")} value={time(data.first)} />
      <Fact label={t("timeline.last")} value={time(data.last)} />
    </Group>
  );
}
