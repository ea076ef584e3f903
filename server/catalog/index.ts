import { accessLogs } from "./access-logs";
import type { LogTable } from "./types";
import { userActivities } from "./user-activities";

export type { Column, ColumnType, LogTable } from "./types";

/** Every log table, in the order of the navigation. A new one is added here and nowhere else. */
const tables = [accessLogs, userActivities] as const satisfies readonly LogTable[];

export type LogTableName = (typeof tables)[number]["name"];

/** Every column of every table: what the interface needs a name for. */
export type LogColumnName = (typeof tables)[number]["columns"][number]["name"];

export const LOG_TABLE_NAMES = tables.map((table) => table.name) as [LogTableName, ...LogTableName[]];

export const logTables = Object.fromEntries(tables.map((table) => [table.name, table])) as unknown as Readonly<
  Record<LogTableName, LogTable & { readonly name: LogTableName }>
>;

export const logTableList: readonly (LogTable & { readonly name: LogTableName })[] = tables;

/** The table whose page and REST path ends in `path` (`access-logs`), or undefined. */
export function logTableByPath(path: string) {
  return logTableList.find((table) => table.path === path);
}
