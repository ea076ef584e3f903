import { setTimeout as sleep } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import type { LogFilters, LogRow, TailBatch } from "./contract";
import { filterConditions } from "./filters";
import { readWithin } from "./limits";
import { shortColumnList } from "./page-bytes";
import { logSource, type PagedSource, readRow, where } from "./paged-source";

const INTERVAL_MS = 1_000;
const MAX_ROWS = 200;
/** Events come late by the time they waited in a queue; what is dated earlier is history and no news. */
const LATENESS = "5 minutes";
const LIMIT_MS = 3_000;
/** A poll that takes long makes the next wait so many times longer: a tail never takes more than a fifth of a core. */
const REST = 4;
/** Keys of a poll that are held in memory. */
const MAX_KEYS = 50_000;

/** Bytes of a value; of longer ones a tail shows the beginning. */
const LONGEST_VALUE = 16_384;

type Key = { id: string; created_at: string };

/**
 * Rows as they are stored, about once a second until `signal`, from now on or from an earlier batch's `horizon`;
 * first an empty batch, once it listens. Told by the transaction that wrote them, not by their time, so none is
 * missed that is committed late or out of order.
 * @throws AppError UNPROCESSABLE for a bad filter
 */
export async function* tailLogs(
  ctx: Context,
  tableName: BrowsedTableName,
  query: Pick<LogFilters, "filters"> & { readonly horizon?: string },
  signal: AbortSignal,
): AsyncGenerator<TailBatch> {
  const table = browsedTables[tableName];
  const source = logSource(table);
  const conditions = [
    ...filterConditions(table, { filters: query.filters }, ctx.config.timeZone),
    sql`created_at > now() - ${LATENESS}::interval`,
  ];
  let { horizon } = query;
  let seen: ReadonlySet<string> = new Set();
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const began = performance.now();
    const known = { horizon, seen, isStart: isFirst && horizon === undefined };
    const look = await readWithin(ctx, LIMIT_MS, (db) => lookForNew(db, source, conditions, known));
    horizon = look.horizon;
    seen = look.seen;
    if (isFirst || look.rows.length > 0) yield { rows: look.rows, skipped: look.skipped, horizon };
    const pause = Math.max(INTERVAL_MS, REST * (performance.now() - began));
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

/**
 * A row is new when its transaction had not ended before the last look. Transactions that ran then are known by
 * the oldest of them only, so some rows are found twice; their keys tell.
 */
async function lookForNew(
  db: Orm,
  source: PagedSource,
  conditions: readonly SQL[],
  last: { horizon: string | undefined; seen: ReadonlySet<string>; isStart: boolean },
): Promise<TailBatch & { seen: ReadonlySet<string> }> {
  const [now] = await db.execute<{ horizon: string }>(
    sql`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`,
  );
  const horizon = now?.horizon ?? "";
  const since = last.horizon ?? horizon;
  const found = await db.execute<Key>(sql`
    select id, created_at
    from ${source.from}
    ${where([...conditions, sql`age(xmin) <= age(${since}::text::xid8::xid)`])}
    order by created_at desc, id desc
    limit ${MAX_KEYS}`);
  const keyOf = ({ id, created_at }: Key) => `${created_at} ${id}`;
  const seen = new Set(found.map(keyOf));
  const fresh = last.isStart ? [] : found.filter((key) => !last.seen.has(keyOf(key)));
  const rows = await rowsOf(db, source, fresh.slice(0, MAX_ROWS));
  return { rows, skipped: fresh.length - rows.length, horizon, seen };
}

/** The rows of some keys, newest last. */
async function rowsOf(db: Orm, source: PagedSource, keys: readonly Key[]): Promise<LogRow[]> {
  const newest = keys[0];
  const oldest = keys.at(-1);
  if (!newest || !oldest) return [];
  const rows = await db.execute(sql`
    select ${shortColumnList(source.columns, LONGEST_VALUE)}
    from ${source.from}
    where created_at between ${oldest.created_at}::timestamptz and ${newest.created_at}::timestamptz
      and id = any(${`{${keys.map(({ id }) => id).join(",")}}`}::uuid[])
    order by created_at, id`);
  return rows.map((row) => readRow<LogRow>(source.columns, row));
}
