import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pino from "pino";
import { createCache } from "@/server/cache";
import { type LogTableName, logTables } from "@/server/catalog";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase, type Sql } from "@/server/db/client";
import { copyText } from "@/server/db/copy-text";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import type { Row } from "@/server/services/intake/batch";
import { startPostgres } from "@/server/testing/postgres";

/** The environment of a benchmark: a PostgreSQL with the product's settings, and a context on it. */
export interface Bench {
  readonly ctx: Context;
  readonly url: string;
  readonly dataDir: string;
  readonly port: number;
}

/**
 * Runs `work` on a migrated database with the product's settings, overridden by `settings`: either a temporary
 * database, or the persistent one in `databaseFolder`, with files in the folder `databaseFolder`.files.
 */
export async function withBench(
  options: { connections?: number; redisUrl?: string; databaseFolder?: string; settings?: Record<string, string> },
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const dataDir = options.databaseFolder
    ? `${options.databaseFolder}.files`
    : await mkdtemp(path.join(tmpdir(), "bench-"));
  await mkdir(dataDir, { recursive: true });
  const server = await startPostgres({ shared_buffers: "256MB", ...options.settings }, options.databaseFolder);
  try {
    const url = server.url();
    await migrateDatabase(url);
    const db = connectDatabase(url, { applicationName: "bench", max: options.connections ?? 4 });
    const log = pino({ level: "silent" });
    const config = loadConfig({ DATA_DIR: dataDir, DATABASE_URL: url, REDIS_URL: options.redisUrl });
    const files = await openFileStores(config, db.sql);
    const queue = createLogQueue({ redisUrl: options.redisUrl, db, log });
    const cache = createCache({ redisUrl: options.redisUrl, log });
    const columnar = openColumnarEngine(config, log);
    await work({
      url,
      dataDir,
      port: server.port,
      ctx: { config, db, queue, files, cache, columnar, log, secret: "bench".repeat(8), now: () => new Date() },
    });
    await Promise.all([queue.close(), cache.close(), columnar.close()]);
    await db.close();
  } finally {
    if (options.databaseFolder) await server.stop();
    else {
      await server.remove();
      await rm(dataDir, { recursive: true, force: true });
    }
  }
}

export function describeMachine(): string {
  return `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** Empties a table and flushes pending writes, so that all runs start in the same state. */
export async function reset(sql: Sql, table: LogTableName): Promise<void> {
  await sql.unsafe(`truncate ${logTables[table].tableName}`);
  await sql.unsafe("truncate intake_counters, dead_letters, settled_claims, undated_events, log_queue");
  await sql.unsafe("checkpoint");
}

/** Rows per block of about 256 KB, like psql's. */
const BLOCK_ROWS = 500;

/** Encodes rows in the format of COPY … FROM STDIN, in blocks. */
export function copyBlocks(rows: readonly Row[]): Buffer[] {
  const count = Math.ceil(rows.length / BLOCK_ROWS);
  return Array.from({ length: count }, (_, index) =>
    copyText(rows.slice(index * BLOCK_ROWS, (index + 1) * BLOCK_ROWS)),
  );
}

/** Runs one COPY of the blocks on each of `connections`, side by side. @returns seconds */
export async function timeCopies(
  sql: Sql,
  table: LogTableName,
  blocks: readonly Buffer[],
  connections: number,
): Promise<number> {
  const shares = Array.from({ length: connections }, (_, share) =>
    blocks.filter((_block, index) => index % connections === share),
  );
  return await timed(() => Promise.all(shares.map((share) => timeCopy(sql, table, share))));
}

/** Runs one COPY on one connection, like psql's \copy. @returns seconds */
export async function timeCopy(sql: Sql, table: LogTableName, blocks: readonly Buffer[]): Promise<number> {
  const { tableName, columns } = logTables[table];
  const names = columns.map((column) => column.name).join(", ");
  const start = performance.now();
  await pipeline(Readable.from(blocks), await sql.unsafe(`copy ${tableName} (${names}) from stdin`).writable());
  return (performance.now() - start) / 1000;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function perSecond(rows: number, seconds: number): string {
  return `${whole.format(rows / seconds)} rows/s`;
}

/** Returns the resident memory of this process in MB. */
export function residentMb(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
