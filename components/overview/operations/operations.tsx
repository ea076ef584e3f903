"use client";

import { Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useQueueWatch } from "../../live/queue-watch";
import { useLiveOldSince } from "../../live/use-old-since";
import type { RouterOutputs } from "../../trpc";
import { useAsOf } from "../../ui/as-of";
import { useNumbers } from "../../ui/use-numbers";
import { JobSection } from "./job-section";
import { QueueSection } from "./queue-section";
import { ScheduleSection } from "./schedule-section";
import { Section } from "./section";
import type { SectionProps } from "./section-props";
import { ServiceSection } from "./service-section";
import { StorageSection } from "./storage-section";

interface Props extends SectionProps {
  forecast: RouterOutputs["overview"]["forecast"] | undefined;
}

/** Queues, storage, jobs, schedules and the console itself, in sections that open on request. */
export function Operations({ bounds, onZoom, forecast }: Props) {
  const t = useTranslations("overview");
  const tNav = useTranslations("nav");
  const numbers = useNumbers();
  const section = { bounds, onZoom };
  return (
    <>
      <Title order={2} mt="lg" mb="xs">
        {t("operation")}
      </Title>
      <Section name="queues" title={tNav("queues")} summary={<QueueSummary />}>
        {() => <QueueSection {...section} />}
      </Section>
      <Section name="jobs" title={t("jobs")}>
        {() => <JobSection bounds={bounds} />}
      </Section>
      <Section
        name="storage"
        title={tNav("tables")}
        summary={forecast && <Summary>{`${numbers.percent(forecast.disk_used)} · ${growth()}`}</Summary>}
      >
        {() => <StorageSection {...section} diskLimit={forecast?.disk_limit} />}
      </Section>
      <Section name="schedules" title={tNav("tasks")}>
        {() => <ScheduleSection />}
      </Section>
      <Section name="service" title={t("service")}>
        {() => <ServiceSection {...section} />}
      </Section>
    </>
  );

  function growth(): string {
    if (!forecast) return "";
    const { database_growth, disk_free_bytes } = forecast;
    if (database_growth === null) return t("diskFar", { free: numbers.bytes(disk_free_bytes) });
    return t("growth", { bytes: numbers.bytes(Math.max(0, database_growth)) });
  }
}

/** Subscribes to the queues itself, so that charts are not drawn every second. */
function QueueSummary() {
  const t = useTranslations("overview");
  const numbers = useNumbers();
  const { status } = useQueueWatch();
  const queues = Object.values(status?.queues ?? {});
  if (queues.length === 0) return null;
  const waiting = queues.map((queue) => queue.queue_length);
  if (waiting.includes(null)) return t("queueUnreachable");
  const sum = waiting.reduce<number>((total, length) => total + (length ?? 0), 0);
  const rate = queues.reduce((total, queue) => total + queue.processed_per_second, 0);
  return (
    <Summary>{`${sum === 0 ? t("empty") : `${t("waiting")} ${numbers.count(sum)}`} · ${numbers.perSecond(rate)}`}</Summary>
  );
}

/** Figures, with the time from when they are if they are not updated at present. */
function Summary({ children }: { children: string }) {
  const since = useLiveOldSince();
  const asOf = useAsOf();
  return since === null ? children : `${asOf(since)} · ${children}`;
}
