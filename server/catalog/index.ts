import { accessLogs } from "./access-logs";
import { auditLog } from "./audit-log";
import type { BrowsedTable, LogTable } from "./types";
import { userActivities } from "./user-activities";

export type { BrowsedTable, Column, ColumnType, DurationUnit, LogTable } from "./types";

/** All log tables in the order of the navigation. Add a new one here. */
const tables = [accessLogs, userActivities] as const satisfies readonly LogTable[];

/** All tables with a page: the log tables and the audit log. */
const browsed = [...tables, auditLog] as const satisfies readonly BrowsedTable[];

export type LogTableName = (typeof tables)[number]["name"];
export type BrowsedTableName = (typeof browsed)[number]["name"];

/** All columns of all tables, for which the interface needs names. */
export type BrowsedColumnName = (typeof browsed)[number]["columns"][number]["name"];

export const LOG_TABLE_NAMES = tables.map((table) => table.name) as [LogTableName, ...LogTableName[]];

export const logTables = Object.fromEntries(tables.map((table) => [table.name, table])) as unknown as Readonly<
  Record<LogTableName, LogTable & { readonly name: LogTableName }>
>;

export const BROWSED_TABLE_NAMES = browsed.map((table) => table.name) as [BrowsedTableName, ...BrowsedTableName[]];

export const browsedTables = Object.fromEntries(browsed.map((table) => [table.name, table])) as unknown as Readonly<
  Record<BrowsedTableName, BrowsedTable & { readonly name: BrowsedTableName }>
>;

/** Creates a value per log table. */
export function mapLogTables<T>(make: (name: LogTableName) => T): Record<LogTableName, T> {
  return Object.fromEntries(LOG_TABLE_NAMES.map((name) => [name, make(name)])) as Record<LogTableName, T>;
}

export const logTableList: readonly (LogTable & { readonly name: LogTableName })[] = tables;

type ColumnEntry = (typeof tables)[number]["columns"][number];

/** Columns with personal data, of any table. */
export type PersonalColumn = Extract<ColumnEntry, { readonly personal: true }>["name"];

export const PERSONAL_COLUMNS = [
  ...new Set(logTableList.flatMap(({ columns }) => columns.filter(({ personal }) => personal).map(({ name }) => name))),
] as PersonalColumn[];

/** Returns the table with the given last part of its page and REST path (`access-logs`), or undefined. */
export function logTableByPath(path: string) {
  return logTableList.find((table) => table.path === path);
}
