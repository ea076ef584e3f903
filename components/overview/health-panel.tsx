"use client";

import { Badge, Button, Group, Skeleton, Table, Text, Title } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { HEALTH_PARTS } from "@/server/catalog/health-parts";
import { useQueueWatch } from "../live/queue-watch";
import { useTRPC } from "../trpc";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { useCodedError } from "../ui/use-coded-error";

const COLORS = { ok: "teal", degraded: "orange", down: "red" } as const;
const EVERY_MS = 5 * 60_000;

/** The state of each component with advice; checked every five minutes, on request, and when the connection changes. */
export function HealthPanel() {
  const t = useTranslations("overview.health");
  const trpc = useTRPC();
  const format = useFormatter();
  const adviceText = useCodedError();
  const health = useQuery(
    trpc.overview.health.queryOptions(undefined, { refetchInterval: EVERY_MS, staleTime: EVERY_MS }),
  );
  const { connection } = useQueueWatch();
  const isCutOff = connection === "down" || connection === "reconnecting";
  const { refetch } = health;
  const wasCutOff = useRef(isCutOff);
  const [cutOffAt, setCutOffAt] = useState(0);
  useEffect(() => {
    if (wasCutOff.current === isCutOff) return;
    wasCutOff.current = isCutOff;
    if (isCutOff) setCutOffAt(Date.now());
    refetch();
  }, [isCutOff, refetch]);
  const isOutdated = isCutOff && health.dataUpdatedAt < cutOffAt;
  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-labelledby="health" mt="lg">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="health">
          {t("title")}
        </Title>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={15} />}
          loading={health.isFetching}
          onClick={() => health.refetch()}
        >
          {t("check")}
        </Button>
      </Group>
      {(health.isPending || (isOutdated && !health.error)) && <Skeleton h={200} />}
      <QueryError query={health} />
      {health.data && !health.error && !isOutdated && (
        <Table verticalSpacing={6} fz="sm" horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("part")}</Table.Th>
              <Table.Th w={110}>{t("state")}</Table.Th>
              <Table.Th w={90} ta="right">
                {t("latency")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {HEALTH_PARTS.map((part) => {
              const found = health.data.parts[part];
              return (
                <Table.Tr key={part}>
                  <Table.Td>
                    <Text size="sm" fw={500}>
                      {t(`parts.${part}`)}
                    </Text>
                    {found.advice && (
                      <Text size="xs" c="dimmed">
                        {adviceText(found.advice)}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={COLORS[found.state]} tt="none">
                      {t(`states.${found.state}`)}
                    </Badge>
                  </Table.Td>
                  <Table.Td ta="right">
                    {t("ms", { value: format.number(found.latency_ms, { maximumFractionDigits: 1 }) })}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
