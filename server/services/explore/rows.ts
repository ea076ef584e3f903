import { rm } from "node:fs/promises";
import { type SQL, sql } from "drizzle-orm";
import { type Column, type LogTable, type LogTableName, logTables } from "@/server/catalog";
import { derivedFieldsOf } from "@/server/catalog/derived-fields";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import {
  addressBytesName,
  type ColumnarRow,
  duckdbType,
  emptyRows,
  inDialects,
  isAddress,
  type QueryEngine,
} from "@/server/columnar";
import { computedFields } from "@/server/db/derived-value";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import {
  estimateRows,
  inColumns,
  isTimeout,
  type ReadFilters,
  readingOf,
  readSelection,
  selectDirty,
  tooSlow,
  validRows,
} from "@/server/services/logs";
import type { TimeRange } from "@/server/services/segment-files";
import { copyRows } from "./copy-rows";

/** The rows of a query, without its time. */
export interface Selection {
  readonly table: LogTableName;
  readonly filter?: string;
  readonly filters?: Readonly<Record<string, string>>;
  readonly include_archived: boolean;
}

/** @param before exclusive */
export interface Period {
  readonly from?: Instant;
  readonly before?: Instant;
}

export interface RowsOptions {
  /** The columns of the table that `work` reads. */
  readonly columns: readonly string[];
  readonly milliseconds: number;
  /** How many rows of columns `work` is expected to read per second. */
  readonly rowsPerSecond: number;
  /** Whether `work` has statements of DuckDB only. */
  readonly isLocal?: boolean;
  /** Whether the rows are read even if that is expected to take more than ten seconds. */
  readonly allowSlow?: boolean;
}

/** Rows as a table expression over columns. */
export interface MatchingRows {
  /** With the requested columns, and for each address `NAME_bytes` (server/columnar/layout.ts). */
  readonly from: SQL;
  /** Aborts at the time limit. */
  readonly signal: AbortSignal;
  /** All rows that were committed before this moment are included. */
  readonly asOf: Instant;
  /** About how many rows there are without the filter; 0 if `allowSlow` is set. */
  readonly expectedRows: number;
  readonly dialect: QueryEngine["dialect"];
  /** Runs a statement over columns within the time limit. */
  readonly query: (statement: SQL) => Promise<ColumnarRow[]>;
}

/** How many rows are read per second at most (docs/decisions/0044). */
const ROWS_PER_SECOND = { archives: 1_000_000, postgres: 60_000 };
const SLOW_SECONDS = 10;
/** More ranges are estimated as one. */
const MAX_ESTIMATED = 50;
const MAX_RESULT_ROWS = 100_000;

/** Converts a selection to conditions. @throws AppError request.invalid for an invalid filter */
function filtersOf(ctx: Context, selection: Selection, period: Period): ReadFilters {
  const { table, filter, filters, include_archived } = selection;
  const conditions = { ...filters, ...(filter?.trim() ? { [FILTER_PARAMETER]: filter } : {}) };
  const { from, before } = period;
  return {
    ...readSelection(ctx, logTables[table], { filters: conditions, include_archived }),
    range: [
      ...(from === undefined ? [] : [sql`created_at >= ${from}::timestamptz`]),
      ...(before === undefined ? [] : [sql`created_at < ${before}::timestamptz`]),
    ],
    from,
    before,
  };
}

/**
 * Runs `work` with all matching rows of one snapshot: those of clean hours in segments, copies of those of other hours
 * from PostgreSQL, and those of archives if they are included. It runs a second time if the engine failed or a file was
 * damaged.
 * @throws AppError query.expected_slow, query.timeout, columnar.*, archive.*, files.*
 */
export async function withMatchingRows<T>(
  ctx: Context,
  selection: Selection,
  period: Period,
  options: RowsOptions,
  work: (rows: MatchingRows) => Promise<T>,
): Promise<T> {
  const table: LogTable = logTables[selection.table];
  const filters = filtersOf(ctx, selection, period);
  const names = new Set(["created_at", ...options.columns]);
  const columns = table.columns.filter(({ name }) => names.has(name));
  const range = { from: filters.from, to: filters.before };
  const reading = readingOf(ctx, selection.table);
  const result = await inColumns(
    reading,
    table,
    { ...filters, isRequired: true, isLocal: options.isLocal },
    options.milliseconds,
    async ({ db, engine, parts, dirty, archived, rowCount, signal, filesOf }) => {
      const caller = ctx.columnar.signal;
      const [time] = await db.execute<{ at: string }>(sql`
        select
          transaction_timestamp()::text as at,
          set_config('idle_in_transaction_session_timeout', ${String(2 * options.milliseconds)}, true)`);
      const source = sql`${sql.identifier(table.tableName)}`;
      let expectedRows = 0;
      if (!options.allowSlow) {
        const archivedCount = archived?.parts.reduce((sum, part) => sum + part.rowCount, 0) ?? 0;
        const copied = dirty.length === 0 ? 0 : await estimateRows(db, sql`from ${source} where ${within(dirty)}`);
        expectedRows = rowCount + archivedCount + copied;
        const { rowsPerSecond } = options;
        refuseSlow([
          { rows: rowCount, rowsPerSecond },
          { rows: archivedCount, rowsPerSecond: Math.min(rowsPerSecond, ROWS_PER_SECOND.archives) },
          { rows: copied, rowsPerSecond: ROWS_PER_SECOND.postgres },
        ]);
      }
      const files = await filesOf(parts);
      const archivedRows = await archived?.rowsIn();
      const others = archivedRows ? [archivedRows] : [];
      const folder = dirty.length === 0 ? undefined : await ctx.columnar.makeFolder();
      try {
        const copies = folder
          ? await copyRows(db, {
              folder,
              columns,
              rows: (list) => sql`select changed.* from ${selectDirty(source, dirty, list, filters.columns)}`,
              check: () => {
                caller?.throwIfAborted();
                signal.throwIfAborted();
              },
            })
          : [];
        const list = columnNames(columns);
        const clean =
          files.length + others.length === 0
            ? [noRows(columns)]
            : [sql`select ${list} from ${validRows(files, range, filters.columnar, others)}`];
        const copied = [sql`*`, ...computedFields({ columns })];
        const selects = [
          ...clean,
          ...copies.map(
            (copy) => sql`select ${list} from (select ${sql.join(copied, sql`, `)} from (${copy})) as copied`,
          ),
        ];
        return await work({
          from: sql`(${sql.join(selects, sql` union all `)}) as matching`,
          signal,
          expectedRows,
          dialect: engine.dialect,
          asOf: toIsoMicroseconds(String(time?.at)),
          query: (statement) => resultOf(engine, statement, signal),
        });
      } finally {
        if (folder) await rm(folder, { recursive: true, force: true });
      }
    },
  ).catch((error: unknown) => {
    throw isTimeout(error) ? tooSlow(error) : error;
  });
  if (result === undefined) throw new AppError("columnar.unavailable", {});
  return result;
}

/** Not query(), which ends after the time limit of pages. */
async function resultOf(engine: QueryEngine, statement: SQL, signal: AbortSignal): Promise<ColumnarRow[]> {
  const rows: ColumnarRow[] = [];
  for await (const block of engine.stream(statement, { signal })) {
    if (rows.length + block.length > MAX_RESULT_ROWS)
      throw new AppError("columnar.too_many_rows", { max: MAX_RESULT_ROWS });
    rows.push(...block);
  }
  return rows;
}

function refuseSlow(parts: readonly { readonly rows: number; readonly rowsPerSecond: number }[]): void {
  const seconds = parts.reduce((sum, { rows, rowsPerSecond }) => sum + rows / rowsPerSecond, 0);
  if (seconds > SLOW_SECONDS) throw new AppError("query.expected_slow", { seconds: Math.ceil(seconds) });
}

function within(ranges: readonly TimeRange[]): SQL {
  const first = ranges.reduce((time, { from }) => (from < time ? from : time), ranges[0]?.from ?? "");
  const last = ranges.reduce((time, { to }) => (to > time ? to : time), "");
  const estimated = ranges.length > MAX_ESTIMATED ? [{ from: first, to: last }] : ranges;
  return sql.join(
    estimated.map(({ from, to }) => sql`(created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz)`),
    sql` or `,
  );
}

function columnNames(columns: readonly Column[]): SQL {
  const names = [
    ...columns.map(({ name }) => name),
    ...columns.filter(isAddress).map(addressBytesName),
    ...derivedFieldsOf({ columns }),
  ];
  return sql.join(
    names.map((name) => sql.identifier(name)),
    sql`, `,
  );
}

function noRows(columns: readonly Column[]): SQL {
  const nulls = [
    ...columns.map((column) => sql`null::${sql.raw(duckdbType(column))} as ${sql.identifier(column.name)}`),
    ...columns.filter(isAddress).map((column) => sql`null::blob as ${sql.identifier(addressBytesName(column))}`),
    ...derivedFieldsOf({ columns }).map((name) => sql`null::varchar as ${sql.identifier(name)}`),
  ];
  return inDialects(sql`select ${sql.join(nulls, sql`, `)} where false`, sql`select * from ${emptyRows({ columns })}`);
}
