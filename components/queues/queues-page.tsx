"use client";

import { Badge, SimpleGrid } from "@mantine/core";
import { useTranslations } from "next-intl";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { useQueueWatch } from "../live/queue-watch";
import { useLiveOldSince } from "../live/use-old-since";
import { OldFigures } from "../ui/old-figures";
import { PageHeader } from "../ui/page-header";
import { CollectorsPanel } from "./collectors-panel";
import { QueuePanel } from "./queue-panel";
import { QueuePanelSkeleton } from "./queue-panel-skeleton";
import { WorkersPanel } from "./workers-panel";

const STATUS_COLORS = { healthy: "teal", paused: "orange", degraded: "orange", down: "red" } as const;

export function QueuesPage() {
  const t = useTranslations("queues");
  const { status, history, alerts, connection } = useQueueWatch();
  const isLive = connection === "live";
  const isPaused = Object.values(status?.queues ?? {}).some(({ paused }) => paused);
  const state = status?.status === "healthy" && isPaused ? "paused" : (status?.status ?? "down");

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        {status && (
          <>
            <Badge color="gray" variant="default" tt="none" fw={500}>
              {t(`backend.${status.backend}`)}
            </Badge>
            <Badge color={isLive ? STATUS_COLORS[state] : "gray"} variant="light" tt="none" data-testid="queues-status">
              {isLive ? t(`status.${state}`) : t("status.unknown")}
            </Badge>
          </>
        )}
      </PageHeader>
      <OldFigures since={useLiveOldSince()} mb="md">
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
          {LOG_TABLE_NAMES.map((name) =>
            status ? (
              <QueuePanel
                key={name}
                name={name}
                figures={status.queues[name]}
                isFailing={alerts?.some(({ rule, subject }) => rule === "failure_rate" && subject === name) ?? false}
                points={history?.find((line) => line.queue === name)?.points ?? []}
              />
            ) : (
              <QueuePanelSkeleton key={name} />
            ),
          )}
        </SimpleGrid>
        <WorkersPanel workers={status?.workers ?? null} />
        {status && status.collectors.length > 0 && <CollectorsPanel collectors={status.collectors} />}
      </OldFigures>
    </>
  );
}
