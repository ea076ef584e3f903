"use client";

import { Anchor, Box } from "@mantine/core";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import type { TimePoint, TimeSeries } from "../charts/time-point";
import { type Bounds, boundsText } from "../time-range/bounds";
import { Table } from "../ui/table";
import { formatTime } from "../ui/time";

interface Props {
  points: readonly TimePoint[];
  series: readonly TimeSeries[];
  format: (value: number) => string;
  title: string;
  onZoom: (from: number, to: number) => void;
  changesHref?: (window: Bounds) => string;
}

/** The data of a chart as a table, newest first; the time of a row zooms to it. */
export function TimeTable({ points, series, format, title, onZoom, changesHref }: Props) {
  const t = useTranslations("overview");
  const changes = useTranslations("changes");
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <Box h="100%" style={{ overflow: "auto" }} tabIndex={0} role="region" aria-label={title}>
      <Table stickyHeader verticalSpacing={3} fz="xs" style={{ whiteSpace: "nowrap" }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("time")}</Table.Th>
            {series.map(({ name, label }) => (
              <Table.Th key={name} ta="right">
                {label}
              </Table.Th>
            ))}
            {changesHref && <Table.Th />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.toReversed().map((point) => {
            const time = formatTime(point.at, timeZone).slice(0, 16);
            const bounds = { from: Date.parse(point.at), to: Date.parse(point.end) };
            return (
              <Table.Tr key={point.at}>
                <Table.Td>
                  <Anchor
                    component="button"
                    type="button"
                    fz="xs"
                    aria-label={t("zoomTo", { time })}
                    onClick={() => onZoom(bounds.from, bounds.to)}
                  >
                    {time}
                  </Anchor>
                </Table.Td>
                {series.map(({ name }) => {
                  const value = point[name];
                  return (
                    <Table.Td key={name} ta="right">
                      {typeof value === "number" ? format(value) : "–"}
                    </Table.Td>
                  );
                })}
                {changesHref && (
                  <Table.Td>
                    <Anchor
                      component={Link}
                      prefetch={false}
                      fz="xs"
                      href={changesHref(bounds)}
                      aria-label={`${changes("title")} ${boundsText(bounds, timeZone)}`}
                    >
                      {changes("title")}
                    </Anchor>
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
