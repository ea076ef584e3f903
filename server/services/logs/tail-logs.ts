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
/** Events are delayed by the time they spend in a queue; older events are historical and not shown. */
const MAX_DELAY = "5 minutes";
const LIMIT_MS = 3_000;
/** After a slow poll the next pause is this many times longer, so that a tail uses at most a fifth of a CPU. */
const PAUSE_FACTOR = 4;
/** Maximum keys of a poll in memory. */
const MAX_KEYS = 50_000;

/** Maximum bytes of a value; longer ones are truncated. */
const MAX_VALUE_BYTES = 16_384;

type Key = { id: string; created_at: string };

/**
 * Yields rows as they are stored, about once a second until `signal` aborts, from now on or from an earlier batch's
 * `horizon`; first an empty batch, when it starts. Rows are detected by their transaction rather than their time, so
 * that none is missed that is committed late or out of order.
 * @throws AppError UNPROCESSABLE for an invalid filter
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
    sql`created_at > now() - ${MAX_DELAY}::interval`,
  ];
  let { horizon } = query;
  let seen: ReadonlySet<string> = new Set();
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const startedAt = performance.now();
    const known = { horizon, seen, isStart: isFirst && horizon === undefined };
    const poll = await readWithin(ctx, LIMIT_MS, (db) => findNewKeys(db, source, conditions, known));
    horizon = poll.horizon;
    seen = poll.seen;
    if (isFirst || poll.rows.length > 0) yield { rows: poll.rows, skipped: poll.skipped, horizon };
    const pause = Math.max(INTERVAL_MS, PAUSE_FACTOR * (performance.now() - startedAt));
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

/**
 * A row is new if its transaction had not ended at the last poll. Of the transactions that ran then only the oldest is
 * known, so some rows are found twice; they are removed by key.
 */
async function findNewKeys(
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

/** The rows with these keys, newest last. */
async function rowsOf(db: Orm, source: PagedSource, keys: readonly Key[]): Promise<LogRow[]> {
  const newest = keys[0];
  const oldest = keys.at(-1);
  if (!newest || !oldest) return [];
  const rows = await db.execute(sql`
    select ${shortColumnList(source.columns, MAX_VALUE_BYTES)}
    from ${source.from}
    where created_at between ${oldest.created_at}::timestamptz and ${newest.created_at}::timestamptz
      and id = any(${`{${keys.map(({ id }) => id).join(",")}}`}::uuid[])
    order by created_at, id`);
  return rows.map((row) => readRow<LogRow>(source.columns, row));
}
