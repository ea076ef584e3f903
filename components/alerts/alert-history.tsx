"use client";

import { Badge, Box, Skeleton, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { ShowMore } from "../ui/show-more";
import { Table } from "../ui/table";
import { formatTime } from "../ui/time";
import { useNumbers } from "../ui/use-numbers";
import { useAlertText } from "./use-alert-text";

const REFRESH_MS = 15_000;

/** The resolved alerts, newest first. */
export function AlertHistory() {
  const t = useTranslations("alerts");
  const trpc = useTRPC();
  const timeZone = useTimeZone() ?? "UTC";
  const { duration } = useNumbers();
  const { message } = useAlertText();
  const history = useInfiniteQuery(
    trpc.alerts.list.infiniteQueryOptions(
      { state: "resolved", limit: 20 },
      { getNextPageParam: (page) => page.next_cursor ?? undefined, refetchInterval: REFRESH_MS },
    ),
  );
  const alerts = history.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Panel aria-labelledby="alert-history">
      <Title order={2} id="alert-history" px={{ base: "md", sm: "lg" }} pt="md" pb="xs">
        {t("history")}
      </Title>
      {history.isPending && <Skeleton h={120} m="md" w="auto" />}
      <QueryError query={history} p="md" />
      {history.data && alerts.length === 0 && (
        <Text size="sm" c="dimmed" px={{ base: "md", sm: "lg" }} pb="md">
          {t("historyNone")}
        </Text>
      )}
      {alerts.length > 0 && (
        <Box style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-labelledby="alert-history" pb="xs">
          <Table horizontalSpacing="md" verticalSpacing="xs" fz="sm" miw={{ base: 0, sm: 620 }}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={{ base: 110, sm: 190 }}>{t("fired")}</Table.Th>
                <Table.Th>{t("rule")}</Table.Th>
                <Table.Th w={{ base: 84, sm: 140 }}>{t("duration")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {alerts.map((alert) => (
                <Table.Tr key={alert.id}>
                  <Table.Td>{formatTime(alert.fired_at, timeZone)}</Table.Td>
                  <Table.Td>
                    <Text size="sm" fw={600} span>
                      {t(`rules.${alert.rule}.name`)}
                    </Text>{" "}
                    <Badge size="xs" variant="light" color={alert.severity === "critical" ? "red" : "orange"} tt="none">
                      {t(`severity.${alert.severity}`)}
                    </Badge>
                    <Text size="xs" c="dimmed">
                      {message(alert)}
                      {alert.acknowledged_by !== null && ` ${t("acknowledgedBy", { name: alert.acknowledged_by })}`}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {duration((Date.parse(alert.resolved_at ?? alert.since) - Date.parse(alert.since)) / 1_000)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
      <ShowMore list={history} />
    </Panel>
  );
}
