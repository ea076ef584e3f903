"use client";

import { Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { LOCALE_NAMES } from "@/messages/locales";
import { logTables } from "@/server/catalog";
import { readFilters } from "../filter-bar/filters";
import { useFilterText } from "../filter-bar/use-filter-text";
import { shownTime } from "../time-range/typed-time";
import { useRangeLabel } from "../time-range/use-range-label";
import { type ExportParams, tableOf } from "./export-choices";

/** Describes an export: `Access logs · CSV, gzip · 2026-11-22 · Status is 4xx · 5 columns`. */
export function ExportWords({ params }: { params: ExportParams }) {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const { text: filterText } = useFilterText();
  const { export_type, format, compress, start_date: start, end_date: end, columns, json_columns: json } = params;
  const both = useRangeLabel(start !== undefined && end !== undefined ? { start, end } : null);
  const table = tableOf(export_type);
  const range =
    start !== undefined && end === undefined
      ? t("exports.since", { time: shownTime(start, timeZone) })
      : start === undefined && end !== undefined
        ? t("exports.until", { time: shownTime(end, timeZone) })
        : both;
  const filters = table === null ? [] : readFilters(logTables[table], params.filters ?? {});
  const packed = compress && compress !== "none" ? `, ${t(`exports.compressions.${compress}`)}` : "";
  const parts = [
    table === null ? t("exports.statistics") : t(`tables.${table}`),
    t(`exports.formats.${format}`) + packed,
    range,
    ...filters.map(filterText),
    ...(params.include_archived ? [t("exports.withArchived")] : []),
    ...(columns && table !== null && columns.length < logTables[table].columns.length
      ? [t("exports.someColumns", { count: columns.length, all: logTables[table].columns.length })]
      : []),
    ...(json === undefined
      ? []
      : [json === "all" ? t("exports.json.all") : t("exports.json.some", { count: json.length })]),
    ...(params.headers === undefined || params.headers === "names"
      ? []
      : [t("exports.headersIn", { language: LOCALE_NAMES[params.headers] })]),
  ];
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      {parts.join(" · ")}
    </Text>
  );
}
