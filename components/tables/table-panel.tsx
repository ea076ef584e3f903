"use client";

import { Badge, Box, Group, SimpleGrid, Skeleton, Text, Title } from "@mantine/core";
import { IconBulb, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import type { LogTableName } from "@/server/catalog";
import { useOldSince } from "../live/use-old-since";
import { useTRPC } from "../trpc";
import { NoValue } from "../ui/no-value";
import { OldFigures } from "../ui/old-figures";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { Table } from "../ui/table";
import { formatTime } from "../ui/time";
import { useNumbers } from "../ui/use-numbers";
import { adviceFor, type TableFigures } from "./advice";
import classes from "./table-panel.module.css";

const REFRESH_MS = 30_000;

/** The size, growth, maintenance advice, partitions and indexes of a log table. */
export function TablePanel({ name }: { name: LogTableName }) {
  const t = useTranslations();
  const trpc = useTRPC();
  const table = useQuery(trpc.tables.figures.queryOptions({ name }, { refetchInterval: REFRESH_MS }));
  const label = t(`tables.${name}`);
  const since = useOldSince(table);
  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-label={label} data-table={name}>
      <Group gap="sm" mb="md">
        <Title order={2}>{label}</Title>
        {table.data && (
          <Text size="sm" c="dimmed" ff="monospace">
            {table.data.table_name}
          </Text>
        )}
      </Group>
      {table.isPending && <Skeleton h={320} />}
      <QueryError query={table} mb="md" />
      {table.data && (
        <OldFigures since={since} mb="sm">
          <Figures table={table.data} />
          <AdviceList table={table.data} />
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg" mt="md">
            <Partitions table={table.data} label={label} />
            <Indexes table={table.data} label={label} />
          </SimpleGrid>
        </OldFigures>
      )}
    </Panel>
  );
}

/** Formats the row count of a table or partition, marked if it is an estimate. */
function useRowCount({ row_count_is_exact }: Pick<TableFigures, "row_count_is_exact">) {
  const { exact } = useNumbers();
  return (count: number) => `${row_count_is_exact ? "" : "≈ "}${exact(count)}`;
}

function Figures({ table }: { table: TableFigures }) {
  const t = useTranslations("tablesPage");
  const rows = useRowCount(table);
  const { exact, bytes } = useNumbers();
  const timeZone = useTimeZone() ?? "UTC";
  const time = (at: string | null) => (at === null ? t("never") : formatTime(at, timeZone));
  const signed = (value: number, text: string) => (value < 0 ? `−${text}` : `+${text}`);
  const { bytes_per_day: growth } = table.growth;
  const figures = [
    [t("rows"), rows(table.row_count)],
    [t("size"), bytes(table.total_bytes)],
    [t("growth"), growth === null ? null : t("perDay", { value: signed(growth, bytes(Math.abs(growth))) })],
    [t("deadRows"), exact(table.dead_rows)],
    [t("oldest"), table.oldest === null ? "–" : time(table.oldest)],
    [t("newest"), table.newest === null ? "–" : time(table.newest)],
    [t("lastVacuum"), time(table.last_vacuum)],
    [t("lastAnalyze"), time(table.last_analyze)],
  ] as const;
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="md" verticalSpacing="sm">
      {figures.map(([label, value]) => (
        <div key={label}>
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text fw={600}>{value ?? <NoValue reason={t("notEnoughData")} />}</Text>
        </div>
      ))}
    </SimpleGrid>
  );
}

function AdviceList({ table }: { table: TableFigures }) {
  const t = useTranslations("tablesPage.advice");
  const { percent, bytes } = useNumbers();
  return (
    <ul className={classes.advice}>
      {adviceFor(table).map((advice) => (
        <li key={advice.key} data-advice={advice.key}>
          {advice.key === "none" ? (
            <IconCircleCheck size={17} stroke={1.7} aria-hidden />
          ) : (
            <IconBulb size={17} stroke={1.7} aria-hidden />
          )}
          <Text size="sm">
            {advice.key === "vacuum" && t("vacuum", { share: percent(advice.share), table: table.table_name })}
            {advice.key === "analyze" && t("analyze", { table: table.table_name })}
            {advice.key === "unused" && t("unused", { names: advice.names.join(", "), size: bytes(advice.bytes) })}
            {advice.key === "none" && t("none")}
          </Text>
        </li>
      ))}
    </ul>
  );
}

function Partitions({ table, label }: { table: TableFigures; label: string }) {
  const t = useTranslations("tablesPage");
  const rows = useRowCount(table);
  const { bytes } = useNumbers();
  const max = Math.max(1, ...table.partitions.map((partition) => partition.bytes));
  return (
    <div className={classes.part}>
      <Title order={3} mb={4}>
        {t("partitions", { count: table.partitions.length })}
      </Title>
      <Box className={classes.scroll} tabIndex={0} role="group" aria-label={`${label}: ${t("partitionsLabel")}`}>
        <Table stickyHeader verticalSpacing={4} horizontalSpacing={6} fz="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("month")}</Table.Th>
              <Table.Th ta="right">{t("rows")}</Table.Th>
              <Table.Th ta="right">{t("size")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {table.partitions.toReversed().map((partition) => (
              <Table.Tr key={partition.name}>
                <Table.Td className={classes.month}>
                  <span className={classes.bar} style={{ width: `${(partition.bytes / max) * 100}%` }} aria-hidden />
                  <span className={classes.text}>{partition.from.slice(0, 7)}</span>
                </Table.Td>
                <Table.Td ta="right">{rows(partition.row_count)}</Table.Td>
                <Table.Td ta="right">{bytes(partition.bytes)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </div>
  );
}

function Indexes({ table, label }: { table: TableFigures; label: string }) {
  const t = useTranslations("tablesPage");
  const { exact, bytes } = useNumbers();
  return (
    <div className={classes.part}>
      <Title order={3} mb={4}>
        {t("indexes", { count: table.indexes.length, size: bytes(table.index_bytes) })}
      </Title>
      <Box className={classes.scroll} tabIndex={0} role="group" aria-label={`${label}: ${t("indexesLabel")}`}>
        <Table stickyHeader verticalSpacing={4} horizontalSpacing={6} fz="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("index")}</Table.Th>
              <Table.Th ta="right">{t("size")}</Table.Th>
              <Table.Th ta="right" style={{ whiteSpace: "nowrap" }}>
                {t("scans")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {table.indexes.map((index) => (
              <Table.Tr key={index.name}>
                <Table.Td>
                  {index.name}{" "}
                  {index.unused && !index.is_required && (
                    <Badge size="xs" variant="light" color="orange" tt="none">
                      {t("isUnused")}
                    </Badge>
                  )}
                </Table.Td>
                <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
                  {bytes(index.bytes)}
                </Table.Td>
                <Table.Td ta="right">{exact(index.scans)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </div>
  );
}
