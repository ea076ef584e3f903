import en from "@/messages/en.json" with { type: "json" };
import type { Locale } from "@/messages/locales";
import zhCN from "@/messages/zh-CN.json" with { type: "json" };
import type { ExportColumn } from "./columns";
import type { ExportParams } from "./contract";

const LABELS: Readonly<Record<Locale, Readonly<Record<string, string>>>> = { en: en.columns, "zh-CN": zhCN.columns };

/** Gives columns the names that the interface has for them in a language. */
export function labelColumns(columns: readonly ExportColumn[], headers: ExportParams["headers"]): ExportColumn[] {
  if (headers === undefined || headers === "names") return [...columns];
  return columns.map((column) => ({ ...column, label: LABELS[headers][column.name] ?? column.name }));
}
