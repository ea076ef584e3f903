"use client";

import { Box, EmptyState, Skeleton, Text, Title } from "@mantine/core";
import { IconServerOff } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import type { QueueStatus } from "../live/queue-watch";
import { Panel } from "../ui/panel";
import { Table } from "../ui/table";
import { formatTime } from "../ui/time";
import { useWorkerActivity } from "./use-worker-activity";

/** The workers with their current task. `workers` is null before the first update. */
export function WorkersPanel({ workers }: { workers: QueueStatus["workers"] | null }) {
  const t = useTranslations("queues.workers");
  const timeZone = useTimeZone() ?? "UTC";
  const activity = useWorkerActivity();

  return (
    <Panel mt="lg" aria-labelledby="workers">
      <Title order={2} id="workers" px={{ base: "md", sm: "lg" }} pt="md" pb="xs">
        {t("title")}
      </Title>
      {!workers && <Skeleton h={72} m="md" w="auto" />}
      {workers?.length === 0 && (
        <EmptyState
          icon={<IconServerOff stroke={1.6} />}
          title={t("none")}
          description={t("noneHint")}
          py="xl"
          px="md"
        />
      )}
      {workers && workers.length > 0 && (
        <Box style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-labelledby="workers" pb="xs">
          <Table horizontalSpacing="lg" verticalSpacing="xs" fz="sm" miw={620}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("host")}</Table.Th>
                <Table.Th>{t("pid")}</Table.Th>
                <Table.Th>{t("since")}</Table.Th>
                <Table.Th>{t("lastSeen")}</Table.Th>
                <Table.Th>{t("current")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {workers.map((worker) => (
                <Table.Tr key={worker.id}>
                  <Table.Td fw={500}>{worker.host}</Table.Td>
                  <Table.Td>{worker.pid}</Table.Td>
                  <Table.Td>{formatTime(worker.started_at, timeZone)}</Table.Td>
                  <Table.Td>{formatTime(worker.last_seen_at, timeZone, "time")}</Table.Td>
                  <Table.Td>
                    <Text size="sm" c={worker.current ? undefined : "dimmed"}>
                      {activity(worker.current)}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
    </Panel>
  );
}
