"use client";

import { Anchor, Badge, Group, SimpleGrid, Text, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import type { LogTableName } from "@/server/catalog";
import { IntentLink } from "../ui/intent-link";
import { Panel } from "../ui/panel";
import { Figure } from "./figure";
import type { Point } from "./history";
import { LiveSummary } from "./live-summary";
import { PauseButton } from "./pause-button";
import { PauseFacts } from "./pause-facts";
import type { QueueFigures } from "./queue-figures";
import { QueueMapping } from "./queue-mapping";
import { SumCheck } from "./sum-check";
import { ThroughputChart } from "./throughput-chart";
import { useQueueNumbers } from "./use-queue-numbers";
import { WaitingEvents } from "./waiting-events";

interface Props {
  name: LogTableName;
  figures: QueueFigures;
  /** Whether its failure rate alert is active. */
  isFailing: boolean;
  points: readonly Point[];
}

/** A queue: backlog, rates, reconciliation and chart. */
export function QueuePanel({ name, figures, isFailing, points }: Props) {
  const t = useTranslations();
  const numbers = useQueueNumbers(figures, points);
  const label = t(`tables.${name}`);
  const deadLetters = t("queues.deadLetters", { count: figures.dead_letters });

  return (
    <Panel p={{ base: "md", sm: "lg" }} id={name} aria-label={label} data-queue={name}>
      <Group justify="space-between" mb={figures.paused ? 4 : "md"} wrap="nowrap">
        <Group gap="sm">
          <Title order={2}>{label}</Title>
          {(figures.paused || !figures.problem) && (
            <Badge color={figures.paused ? "orange" : "teal"} variant="light" tt="none">
              {figures.paused ? t("queues.paused") : t("queues.running")}
            </Badge>
          )}
          {figures.problem && (
            <Badge color="red" variant="light" tt="none">
              {t(`queues.problem.${figures.problem}`)}
            </Badge>
          )}
        </Group>
        <PauseButton name={name} paused={figures.paused} />
      </Group>

      {figures.paused && (
        <Text size="sm" mb="md" data-testid="paused-by">
          <PauseFacts figures={figures} />
        </Text>
      )}
      <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="md" verticalSpacing="md">
        <Figure name="waiting" label={t("queues.waiting")} value={numbers.length} />
        <Figure name="in-flight" label={t("queues.inFlight")} value={numbers.inFlight} />
        <Figure name="oldest" label={t("queues.oldest")} value={numbers.oldest} quiet={figures.queue_length === 0} />
        <Figure name="rate" label={t("queues.rate")} value={numbers.rate} />
        <Figure
          name="failure-rate"
          label={t("queues.failureRate")}
          value={numbers.failureRate}
          hint={t("queues.failureWindow")}
          alarm={isFailing}
        />
        <Figure name="drain" label={t("queues.drain")} value={numbers.drain} quiet={figures.queue_length === 0} />
      </SimpleGrid>

      <SumCheck figures={figures} />
      <Text size="sm" c="dimmed">
        {figures.dead_letters > 0 ? (
          <Anchor component={IntentLink} href={`/dead-letters?queue=${name}`} inherit>
            {deadLetters}
          </Anchor>
        ) : (
          deadLetters
        )}
      </Text>
      <QueueMapping name={name} label={label} mapping={figures.mapping} />
      <ThroughputChart label={label} points={points} />
      <WaitingEvents name={name} label={label} />
      <LiveSummary text={t("queues.live", { queue: label, length: numbers.length, rate: numbers.rate })} />
    </Panel>
  );
}
