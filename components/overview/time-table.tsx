"use client";

import { Anchor, ScrollArea, Table } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { formatTime } from "../ui/time";
import type { TimePoint, TimeSeries } from "./time-series";

interface Props {
  points: readonly TimePoint[];
  series: readonly TimeSeries[];
  format: (value: number) => string;
  height: number;
  title: string;
  onZoom: (from: number, to: number) => void;
}

/** The data of a chart as a table, newest first; the time of a row zooms to it. */
export function TimeTable({ points, series, format, height, title, onZoom }: Props) {
  const t = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <ScrollArea h={height} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": title }}>
      <Table stickyHeader verticalSpacing={3} fz="xs" style={{ whiteSpace: "nowrap" }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("time")}</Table.Th>
            {series.map(({ name, label }) => (
              <Table.Th key={name} ta="right">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {points.toReversed().map((point) => {
            const time = formatTime(point.at, timeZone).slice(0, 16);
            return (
              <Table.Tr key={point.at}>
                <Table.Td>
                  <Anchor
                    component="button"
                    type="button"
                    fz="xs"
                    aria-label={t("zoomTo", { time })}
                    onClick={() => onZoom(Date.parse(point.at), Date.parse(point.end))}
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
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
