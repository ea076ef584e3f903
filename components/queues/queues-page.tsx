"use client";

import { Badge, SimpleGrid } from "@mantine/core";
import { useTranslations } from "next-intl";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { useQueueWatch } from "../live/queue-watch";
import { PageHeader } from "../ui/page-header";
import { QueuePanel } from "./queue-panel";
import { QueuePanelSkeleton } from "./queue-panel-skeleton";
import { WorkersPanel } from "./workers-panel";

const STATUS_COLORS = { healthy: "teal", degraded: "orange", down: "red" } as const;

export function QueuesPage() {
  const t = useTranslations("queues");
  const { status, history, alerts, connection } = useQueueWatch();

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        {status && (
          <>
            <Badge color="gray" variant="default" tt="none" fw={500}>
              {t(`backend.${status.backend}`)}
            </Badge>
            <Badge color={connection === "live" ? STATUS_COLORS[status.status] : "gray"} variant="light" tt="none">
              {connection === "live" ? t(`status.${status.status}`) : t("status.unknown")}
            </Badge>
          </>
        )}
      </PageHeader>
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
    </>
  );
}
