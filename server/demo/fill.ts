import { Readable } from "node:stream";
import { logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { foldCounters, ingest, insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { BAD_EVENTS } from "./bad-events";
import { partOfDay } from "./day-curve";
import {
  DEMO_SEED,
  DEMO_TABLES,
  type DemoTable,
  generateAccessLogEvents,
  generateUserActivityEvents,
  type TrafficOptions,
} from "./traffic";

const DAY_MS = 24 * 3_600_000;

interface Traffic {
  readonly perDay: number;
  readonly generate: (count: number, options: TrafficOptions) => Iterable<object>;
  readonly insert: typeof insertAccessLogs;
}

const tables: Readonly<Record<DemoTable, Traffic>> = {
  access_logs: { perDay: 80_000, generate: generateAccessLogEvents, insert: insertAccessLogs },
  user_activities: { perDay: 24_000, generate: generateUserActivityEvents, insert: insertUserActivities },
};

export interface Filled {
  readonly isFirst: boolean;
  readonly access_logs: number;
  readonly user_activities: number;
}

/**
 * Fills the last 24 hours with traffic, starting after the newest row if there is one. The first call also adds invalid
 * events, which become dead letters.
 */
export async function fillLastDay(context: Context, now: Date, signal: AbortSignal): Promise<Filled> {
  const counts = { access_logs: 0, user_activities: 0 };
  let isFirst = true;
  for (const name of DEMO_TABLES) {
    const newest = await newestRow(context, name, now);
    if (newest) isFirst = false;
    const start = newest ?? new Date(now.getTime() - DAY_MS);
    counts[name] = await fill(context, name, start, now, signal);
  }
  if (isFirst) for (const name of DEMO_TABLES) await addDeadLetters(context, name);
  // Hides the bulk insert from the live chart, where a day's events within seconds would dwarf live traffic and the
  // invalid ones would raise an alert.
  await foldCounters(context, "0 seconds");
  return { isFirst, ...counts };
}

async function newestRow(context: Context, name: DemoTable, now: Date): Promise<Date | undefined> {
  const { sql } = context.db;
  const [row] = await sql<{ created_at: string }[]>`
    select created_at
    from ${sql(logTables[name].tableName)}
    where created_at > ${new Date(now.getTime() - DAY_MS).toISOString()} and created_at <= ${now.toISOString()}
    order by created_at desc
    limit 1`;
  return row && new Date(row.created_at);
}

async function fill(context: Context, name: DemoTable, start: Date, end: Date, signal: AbortSignal) {
  const { perDay, generate, insert } = tables[name];
  const count = Math.round(perDay * partOfDay(start.getTime(), end.getTime()));
  let inserted = 0;
  for (const batch of batches(generate(count, { seed: DEMO_SEED, start, end }), context.config.maxBatchSize)) {
    if (signal.aborted) break;
    inserted += (await insert(context, batch)).inserted;
  }
  return inserted;
}

async function addDeadLetters(context: Context, name: DemoTable): Promise<void> {
  const lines = Readable.from([Buffer.from(BAD_EVENTS[name].join("\n"))]);
  await ingest(context, name, lines, { format: "ndjson", mode: "direct", source: "demo" });
}

function* batches<T>(events: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const event of events) {
    batch.push(event);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
