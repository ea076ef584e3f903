import { accessLogs } from "./access-logs";
import { auditLog } from "./audit-log";
import type { BrowsedTable, LogTable } from "./types";
import { userActivities } from "./user-activities";

export type { BrowsedTable, Column, ColumnType, DurationUnit, LogTable } from "./types";

/** Every log table, in the order of the navigation. A new one is added here and nowhere else. */
const tables = [accessLogs, userActivities] as const satisfies readonly LogTable[];

/** Every table that people browse: those that take events, and the record of who did what. */
const browsed = [...tables, auditLog] as const satisfies readonly BrowsedTable[];

export type LogTableName = (typeof tables)[number]["name"];
export type BrowsedTableName = (typeof browsed)[number]["name"];

/** Every column of every table: what the interface needs a name for. */
export type BrowsedColumnName = (typeof browsed)[number]["columns"][number]["name"];

export const LOG_TABLE_NAMES = tables.map((table) => table.name) as [LogTableName, ...LogTableName[]];

export const logTables = Object.fromEntries(tables.map((table) => [table.name, table])) as unknown as Readonly<
  Record<LogTableName, LogTable & { readonly name: LogTableName }>
>;

export const BROWSED_TABLE_NAMES = browsed.map((table) => table.name) as [BrowsedTableName, ...BrowsedTableName[]];

export const browsedTables = Object.fromEntries(browsed.map((table) => [table.name, table])) as unknown as Readonly<
  Record<BrowsedTableName, BrowsedTable & { readonly name: BrowsedTableName }>
>;

/** A value for each log table. */
export function mapLogTables<T>(make: (name: LogTableName) => T): Record<LogTableName, T> {
  return Object.fromEntries(LOG_TABLE_NAMES.map((name) => [name, make(name)])) as Record<LogTableName, T>;
}

export const logTableList: readonly (LogTable & { readonly name: LogTableName })[] = tables;

type ColumnEntry = (typeof tables)[number]["columns"][number];

/** The columns that tell of a person, of whichever table. */
export type PersonalColumn = Extract<ColumnEntry, { readonly personal: true }>["name"];

export const PERSONAL_COLUMNS = [
  ...new Set(logTableList.flatMap(({ columns }) => columns.filter(({ personal }) => personal).map(({ name }) => name))),
] as PersonalColumn[];

/** The table whose page and REST path ends in `path` (`access-logs`), or undefined. */
export function logTableByPath(path: string) {
  return logTableList.find((table) => table.path === path);
}
