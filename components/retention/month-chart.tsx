"use client";

import "@mantine/charts/styles.css";
import { BarChart, ChartTooltip } from "@mantine/charts";
import { Box, Button, Group, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Table } from "@/components/ui/table";
import { useNumberText } from "@/components/ui/use-number-text";
import { useNumbers } from "@/components/ui/use-numbers";
import type { Preview } from "./cleanup-choice";
import { drawnMonths } from "./drawn-months";

type Month = Preview["months"][number];

const HEIGHT = 220;

/** The rows to delete and keep by month, as stacked bars or as a table. */
export function MonthChart({ months, title }: { months: readonly Month[]; title: string }) {
  const t = useTranslations("cleanup.preview");
  const tCommon = useTranslations("common");
  const { exact } = useNumbers();
  const { compact } = useNumberText();
  const [asTable, setAsTable] = useState(false);
  const shown = drawnMonths(months);
  const total = (key: "matched_count" | "kept_count") => exact(shown.reduce((sum, month) => sum + month[key], 0));
  return (
    <div>
      <Group justify="space-between" mb="xs" gap="xs">
        <Text size="xs" c="dimmed">
          {title}
        </Text>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAsTable(!asTable)}>
          {asTable ? tCommon("showChart") : tCommon("showTable")}
        </Button>
      </Group>
      {asTable ? (
        <MonthTable months={shown} />
      ) : (
        <BarChart
          h={HEIGHT}
          data={shown}
          dataKey="month"
          type="stacked"
          series={[
            { name: "deletedHeight", label: t("delete"), color: "red.6" },
            { name: "keptHeight", label: t("keep"), color: "gray.5" },
          ]}
          tooltipProps={{ content: ({ label }) => <MonthTooltip month={shown.find(({ month }) => month === label)} /> }}
          withLegend
          legendProps={{ verticalAlign: "bottom", height: 24, itemSorter: null }}
          styles={{ legendItemName: { fontSize: 12 } }}
          gridAxis="x"
          tickLine="none"
          maxBarWidth={56}
          barProps={{ isAnimationActive: false }}
          yAxisProps={{ width: 52, allowDecimals: false }}
          valueFormatter={(value) => compact(value)}
          role="img"
          aria-label={t("chart", { months: shown.length, deleted: total("matched_count"), kept: total("kept_count") })}
        />
      )}
    </div>
  );
}

/** The exact counts, because low bars are drawn higher than to scale. */
function MonthTooltip({ month }: { month: Month | undefined }) {
  const t = useTranslations("cleanup.preview");
  const { exact } = useNumbers();
  if (!month) return null;
  const series = [
    { name: "matched_count", label: t("delete"), color: "red.6" },
    { name: "kept_count", label: t("keep"), color: "gray.5" },
  ];
  return (
    <ChartTooltip
      label={month.month}
      payload={series.map(({ name, color }) => ({ name, color, payload: month }))}
      series={series}
      valueFormatter={(rows) => exact(rows)}
    />
  );
}

function MonthTable({ months }: { months: readonly Month[] }) {
  const t = useTranslations("cleanup.preview");
  const { exact } = useNumbers();
  return (
    <Box mah={HEIGHT} style={{ overflow: "auto" }} tabIndex={0} role="group" aria-label={t("label")}>
      <Table stickyHeader verticalSpacing={4} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("month")}</Table.Th>
            <Table.Th ta="right">{t("delete")}</Table.Th>
            <Table.Th ta="right">{t("keep")}</Table.Th>
            <Table.Th>{t("how")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {months.map((month) => {
            const kept = exact(month.kept_count);
            return (
              <Table.Tr key={month.month}>
                <Table.Td>{month.month}</Table.Td>
                <Table.Td ta="right">{exact(month.matched_count)}</Table.Td>
                <Table.Td ta="right">{month.kept_count_is_exact ? kept : t("about", { count: kept })}</Table.Td>
                <Table.Td>
                  {month.matched_count === 0 ? "–" : month.is_whole ? t("dropPartition") : t("batchedDelete")}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
