"use client";

import { useFormatter, useLocale, useMessages, useTimeZone, useTranslations } from "next-intl";
import { useMemo } from "react";
import type { LogTableName } from "@/server/catalog";
import type { Interval } from "@/server/catalog/explore";
import { formatTime } from "../ui/time";
import { useColumnLabels } from "../ui/use-column-labels";
import { useNumbers } from "../ui/use-numbers";
import { HOUR_OF_DAY, IP_BLOCK, isDuration, WEEKDAY } from "./fields";
import type { ExploreValue, Measure } from "./types";

const MAX_TABLE_DIGITS = 2;

/** Names of fields and measures, and the texts of their values. */
export function useExploreText(table: LogTableName) {
  const t = useTranslations("explore");
  const common = useTranslations("common");
  const overview = useTranslations("overview");
  const format = useFormatter();
  const locale = useLocale();
  const timeZone = useTimeZone() ?? "UTC";
  const numbers = useNumbers();
  const labels = useColumnLabels();
  const derived: Readonly<Record<string, string>> = useMessages().logFilter.derived;
  const nouns: Readonly<Record<string, string>> = useMessages().explore.nouns;

  return useMemo(() => {
    const field = (name: string): string => {
      if (name === IP_BLOCK || name === HOUR_OF_DAY || name === WEEKDAY) return t(`fields.${name}`);
      return derived[name] ?? labels[name] ?? name;
    };
    /** As it is written within a sentence: acronyms remain in upper case. */
    const inText = (label: string) =>
      locale.startsWith("en") && /^[A-Z][a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
    const measure = ({ fn, field: name }: Measure): string => {
      if (fn === "distinct" && name !== undefined)
        return t("measures.distinct", { noun: nouns[name] ?? t("values", { field: inText(field(name)) }) });
      if (fn === "count") return t(`counts.${table}`);
      return t(`measures.${fn}`, { field: name === undefined ? "" : inText(field(name)), noun: "" });
    };
    const weekday = (day: number) =>
      format.dateTime(new Date(Date.UTC(2024, 0, day)), { weekday: "short", timeZone: "UTC" });
    const hour = (value: number) => `${String(value).padStart(2, "0")}:00`;
    const group = (name: string, value: ExploreValue): string => {
      if (value === null) return overview("none");
      if (value === "") return overview("emptyText");
      if (name === WEEKDAY) return weekday(Number(value));
      if (name === HOUR_OF_DAY) return hour(Number(value));
      if (name === "is_bot") return t(String(value) === "true" ? "bot" : "noBot");
      return String(value);
    };
    const number = (value: number | string, digits: number): string => {
      const amount = Number(value);
      const isExact = typeof value === "number" || (Math.abs(amount) < 2 ** 53 && value.length < 16);
      return isExact ? format.number(amount, { maximumFractionDigits: digits }) : String(value);
    };
    /** The text of a measure's value; short on axes. */
    const amount = ({ fn, field: name }: Measure, value: number | string | null, isShort = false): string => {
      if (value === null) return "–";
      if (name === "created_at" && fn !== "distinct") return formatTime(String(value), timeZone);
      if (fn === "error_rate")
        return format.number(Number(value), { style: "percent", maximumFractionDigits: MAX_TABLE_DIGITS });
      if (isDuration(table, name) && fn !== "distinct") {
        if (isShort) return numbers.milliseconds(Number(value));
        return common("milliseconds", { value: number(value, 1) });
      }
      return isShort ? numbers.count(Number(value)) : number(value, MAX_TABLE_DIGITS);
    };
    const share = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
    const change = (value: number) => numbers.change(value, 1);
    /** The time of a bucket, as precise as its width. */
    const bucket = (time: string, interval: Interval | null): string => {
      const text = formatTime(time, timeZone);
      if (interval === "1M") return text.slice(0, 7);
      return interval === "1d" || interval === "1w" ? text.slice(0, 10) : text.slice(0, 16);
    };
    /** The names of several things in one: `route, status class and method`. */
    const list = (parts: readonly string[]) => format.list(parts, { type: "conjunction" });
    return { field, inText, measure, group, amount, share, change, bucket, weekday, hour, list };
  }, [t, common, overview, format, locale, timeZone, numbers, labels, derived, nouns, table]);
}

export type ExploreText = ReturnType<typeof useExploreText>;
