import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import type { LogTableName } from "@/server/catalog";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { WriterSession } from "./writer-session";

export interface Writing {
  readonly ctx: Context;
  readonly session: WriterSession;
  readonly signal: AbortSignal;
  /** Called between the steps of the protocol, for tests. */
  readonly step: (name: string) => Promise<void>;
}

/** A file in its store that is not recorded yet. */
export interface StoredSegment {
  readonly id: string;
  readonly store: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly rowCount: number;
  /** The rows of each hour that has rows. */
  readonly counts: ReadonlyMap<Instant, number>;
}

/** The folder of all segments in a store. */
export const SEGMENTS = "segments/";

/** Segments follow the layout of Hive partitions, which other engines read too. */
export function monthFolder(table: LogTableName, month: string): string {
  return `${SEGMENTS}table=${table}/month=${month}/`;
}

/** Runs `work` with the path of a new temporary file. */
export async function withDraft<T>(ctx: Context, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await ctx.columnar.makeFolder();
  try {
    return await work(path.join(folder, "segment.parquet"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Reads a Parquet file back, compares its rows with those that were copied, and stores it.
 * @param draft.hours the hours that it may contain, all of one month, in order
 * @throws if rows are missing or of other hours
 */
export async function storeSegment(
  { ctx, signal }: Pick<Writing, "ctx" | "signal">,
  draft: { table: LogTableName; file: string; copied: number; hours: readonly Instant[] },
): Promise<StoredSegment> {
  const counts = await countByHour(ctx, draft.file, signal);
  const rowCount = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const others = [...counts.keys()].filter((hour) => !draft.hours.includes(hour));
  if (rowCount !== draft.copied || others.length > 0)
    throw new Error(`The file has ${rowCount} rows instead of ${draft.copied}, and ${others.length} other hours.`);
  const id = randomUUID();
  const first = draft.hours[0] ?? "";
  const key = `${monthFolder(draft.table, first.slice(0, 7))}${first.slice(0, 10)}_${id}.parquet`;
  const written = await ctx.files.current.write(key, createReadStream(draft.file), signal);
  return { id, store: ctx.files.current.id, path: key, rowCount, counts, ...written };
}

/** The rows of each hour of a Parquet file. */
export async function countByHour(ctx: Context, file: string, signal?: AbortSignal): Promise<Map<Instant, number>> {
  const rows = await ctx.columnar.query(
    sql`select date_trunc('hour', created_at) as hour, count(*) as count from read_parquet(${file}) group by 1`,
    { ...(signal && { signal }) },
  );
  return new Map(rows.map(({ hour, count }) => [String(hour), Number(count)]));
}
