"use client";

import { Box } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { Table } from "../ui/table";
import type { Rate } from "./history";

interface Props {
  rates: readonly Rate[];
  clock: (at: string) => string;
  height: number;
  label: string;
}

/** The data of the chart, newest first. */
export function ThroughputTable({ rates, clock, height, label }: Props) {
  const t = useTranslations("queues.chart");
  const format = useFormatter();
  return (
    <Box h={height} style={{ overflow: "auto" }} tabIndex={0} role="region" aria-label={label}>
      <Table stickyHeader verticalSpacing={4} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("time")}</Table.Th>
            <Table.Th ta="right">{t("inserted")}</Table.Th>
            <Table.Th ta="right">{t("duplicates")}</Table.Th>
            <Table.Th ta="right">{t("dead")}</Table.Th>
            <Table.Th ta="right">{t("dropped")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rates.toReversed().map((rate) => (
            <Table.Tr key={rate.at}>
              <Table.Td>{clock(rate.at)}</Table.Td>
              <Table.Td ta="right">{format.number(rate.inserted)}</Table.Td>
              <Table.Td ta="right">{format.number(rate.duplicates)}</Table.Td>
              <Table.Td ta="right">{format.number(rate.dead)}</Table.Td>
              <Table.Td ta="right">{format.number(rate.dropped)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
