import { type SQL, sql } from "drizzle-orm";
import { type Column, type LogTable, type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/context";
import { openCursor, sealCursor } from "@/server/cursor";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError, type FieldProblem } from "@/server/errors";
import { countRows } from "./count";
import { filterConditions, type LogFilters } from "./filters";

export type LogRow = { readonly id: string; readonly created_at: string } & Readonly<Record<string, unknown>>;

/** The contract's answer to GET /access-logs and /user-activities. */
export interface LogPage {
  readonly items: LogRow[];
  readonly total: number | null;
  readonly total_is_exact: boolean;
  readonly page: number | null;
  readonly page_size: number;
  readonly total_pages: number | null;
  readonly has_next: boolean;
  readonly has_prev: boolean;
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
}

export interface LogQuery extends LogFilters {
  /** From 1; not together with `cursor`. */
  readonly page?: number;
  readonly page_size?: number;
  readonly cursor?: string;
  readonly sort?: "created_at" | "-created_at";
  /** Defaults to `estimate` with `page`, to `none` otherwise. */
  readonly count?: "estimate" | "exact" | "none";
}

/** Beyond, OFFSET would read more rows than anybody pages through; cursors have no such limit. */
const DEEPEST_OFFSET = 1_000_000;

/**
 * One page of a log table: by keyset on (created_at, id), forward and back by cursor, or by page number.
 * @throws AppError UNPROCESSABLE for a value out of range, BAD_REQUEST for a cursor that is not of this list
 */
export async function listLogs(ctx: Context, tableName: LogTableName, query: LogQuery): Promise<LogPage> {
  const table = logTables[tableName];
  const pageSize = query.page_size ?? ctx.config.defaultPageSize;
  checkPaging(query, pageSize, ctx.config.maxPageSize);
  const conditions = filterConditions(table, query, ctx.config.timeZone);
  const descending = (query.sort ?? "-created_at") === "-created_at";
  const scope = JSON.stringify([
    "logs",
    tableName,
    descending,
    query.start_date ?? null,
    query.end_date ?? null,
    Object.entries(query.filters ?? {}).sort(),
  ]);

  const [direction = "next", createdAt, id] =
    query.cursor === undefined ? [] : openCursor(ctx.secret, scope, query.cursor);
  const backward = direction === "prev";
  const ascendingScan = descending === backward;
  const position =
    createdAt === undefined
      ? undefined
      : ascendingScan
        ? sql`(created_at, id) > (${createdAt}::timestamptz, ${id}::uuid)`
        : sql`(created_at, id) < (${createdAt}::timestamptz, ${id}::uuid)`;

  const page = query.cursor === undefined ? (query.page ?? 1) : null;
  const order = ascendingScan ? sql.raw("asc") : sql.raw("desc");
  const found = await ctx.db.orm.execute(sql`
    select ${columnList(table)}
    from ${sql.identifier(table.tableName)}
    ${where(position ? [...conditions, position] : conditions)}
    order by created_at ${order}, id ${order}
    limit ${pageSize + 1}
    offset ${page === null ? 0 : (page - 1) * pageSize}`);
  const more = found.length > pageSize;
  const items = found.slice(0, pageSize).map((row) => readRow(table, row));
  if (backward) items.reverse();

  const counting = query.count ?? (query.page === undefined ? "none" : "estimate");
  const total = counting === "none" ? null : await countRows(ctx, table, where(conditions), counting);
  const hasNext = backward ? true : more;
  const hasPrev = backward ? more : createdAt !== undefined || (page ?? 1) > 1;
  const first = items[0];
  const last = items.at(-1);
  return {
    items,
    total: total?.count ?? null,
    total_is_exact: total?.exact ?? false,
    page,
    page_size: pageSize,
    total_pages: total && Math.max(1, Math.ceil(total.count / pageSize)),
    has_next: hasNext,
    has_prev: hasPrev,
    next_cursor: hasNext && last ? sealCursor(ctx.secret, scope, ["next", last.created_at, last.id]) : null,
    prev_cursor: hasPrev && first ? sealCursor(ctx.secret, scope, ["prev", first.created_at, first.id]) : null,
  };
}

function checkPaging(query: LogQuery, pageSize: number, maxPageSize: number): void {
  const problems: FieldProblem[] = [];
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
    problems.push({ path: "page_size", message: `must be a whole number from 1 to ${maxPageSize}` });
  }
  if (query.page !== undefined) {
    if (query.cursor !== undefined) problems.push({ path: "page", message: "give either page or cursor" });
    if (!Number.isInteger(query.page) || query.page < 1)
      problems.push({ path: "page", message: "must be a whole number from 1" });
    else if (query.page * pageSize > DEEPEST_OFFSET) {
      problems.push({
        path: "page",
        message: `reaches past row ${DEEPEST_OFFSET}; use a cursor or narrow the time range`,
      });
    }
  }
  if (problems.length > 0) {
    throw new AppError("UNPROCESSABLE", `${problems[0]?.path} ${problems[0]?.message}.`, { errors: problems });
  }
}

function where(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join([...conditions], sql` and `)}`;
}

function columnList(table: LogTable): SQL {
  return sql.join(
    table.columns.map(({ name, type }) =>
      // An address without its netmask, as it came.
      type === "inet" ? sql`host(${sql.identifier(name)}) as ${sql.identifier(name)}` : sql.identifier(name),
    ),
    sql`, `,
  );
}

function readRow(table: LogTable, row: Record<string, unknown>): LogRow {
  const entries = table.columns.map(({ name, type }: Column) => {
    const value = row[name];
    return [name, type === "timestamptz" && typeof value === "string" ? toIsoMicroseconds(value) : value];
  });
  return Object.fromEntries(entries) as LogRow;
}
