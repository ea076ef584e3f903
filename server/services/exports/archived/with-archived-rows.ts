import { rm } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { z } from "zod";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { withSnapshot } from "@/server/db/snapshot";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { type ArchivedRelation, openArchivedRows } from "@/server/services/archive-files";
import type { JobRun } from "@/server/services/jobs";
import { readFilters } from "@/server/services/logs";
import type { LogFilters } from "@/server/services/logs/contract";
import { FilesNeeded } from "@/server/services/segment-files";
import type { ExportParams } from "../contract";
import type { ExportTask, WrittenExport } from "../write-export";
import { writeArchivedCsv } from "./write-archived-csv";

/** Shorter than the time after which PostgreSQL ends an idle transaction. */
const KEEP_OPEN_MS = 60_000;

type Run = Pick<JobRun<ExportParams>, "params" | "signal" | "progress">;
type Matching = Pick<Run, "signal" | "progress"> & { readonly params: LogFilters };

/**
 * Writes an export that includes archived rows. They are read in the snapshot that the export reads too, in which a row
 * that a cleanup moves meanwhile is either in the table or in an archive.
 * @param write writes the task, whose source is the snapshot, in this thread or another
 * @throws AppError UNPROCESSABLE for more rows than the limit, archive.not_searchable, files.*, columnar.*; the error of
 * `write`
 */
export async function withArchivedRows(
  ctx: Context,
  run: Run,
  task: ExportTask,
  write: (task: ExportTask) => Promise<WrittenExport>,
): Promise<WrittenExport> {
  const { export_type: table } = run.params;
  if (table === "statistics") throw new Error("A report does not include archived rows.");
  const folder = await ctx.columnar.makeFolder();
  const archivedFile = path.join(folder, "archived.csv");
  try {
    let isRead = false;
    return await retried(
      ctx,
      run.signal,
      async () => {
        isRead = false;
        // Only statements that read are cancelled; later, the session is idle, and `write` stops by itself.
        const reading = new AbortController();
        const onAbort = () => (isRead ? undefined : reading.abort(run.signal.reason));
        run.signal.throwIfAborted();
        run.signal.addEventListener("abort", onAbort, { once: true });
        try {
          return await withSnapshot({ ...task.source, timeZone: "UTC" }, reading.signal, async (tx, snapshotAt) => {
            await writeMatching(ctx, run, { tx, table, limit: task.plan.limit }, archivedFile);
            isRead = true;
            run.signal.throwIfAborted();
            const written = await keptOpen(tx, async (snapshot) =>
              write({ ...task, archivedFile, source: { ...task.source, snapshot } }),
            );
            return { ...written, snapshotAt };
          });
        } finally {
          run.signal.removeEventListener("abort", onAbort);
        }
      },
      () => isRead,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs an attempt again after the files that it needs were fetched, and once after a failure of the engine.
 * @param isRead whether the archived rows were read, so that a failure has another cause
 */
export async function retried<T>(
  ctx: Context,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  isRead: () => boolean,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof FilesNeeded) {
        await error.need.fetch(signal);
        continue;
      }
      if (isRead() || !(error instanceof AppError)) throw error;
      if (!TRANSIENT.has(error.code) || ++failures === 2) throw error;
      ctx.log.warn({ err: error }, "archived rows of an export could not be read; trying again");
    }
  }
}

/** The engine is restarted, and damaged files are read from PostgreSQL. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "columnar.engine_failed",
  "columnar.file_damaged",
  "columnar.segment_damaged",
]);

interface Reading {
  readonly tx: Transaction;
  readonly table: LogTableName;
  readonly limit: number | null;
}

/** Writes the matching archived rows of a snapshot, whose session is in UTC, to a file as CSV. */
export async function writeMatching(
  ctx: Context,
  { params, signal, progress }: Matching,
  { tx, table, limit }: Reading,
  file: string,
): Promise<void> {
  const { from, before, blocks, range, columnar } = readFilters(logTables[table], params, ctx.config.timeZone);
  const archived = await openWithin(signal, openArchivedRows(ctx, executorOf(tx), table, { from, before, blocks }));
  try {
    const conditions = [...range, ...columnar];
    const select =
      archived &&
      sql`select * from (${archived.select}) as archived ${conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`}`;
    await writeArchivedCsv(ctx.columnar, { table: logTables[table], select, file, limit }, signal, (done) =>
      progress({ done, total: null, unit: "rows", phase: "reading" }),
    );
  } finally {
    await archived?.close();
  }
}

/** Opening cannot be stopped, because others may wait for the same files; the result is closed when it arrives. */
async function openWithin(
  signal: AbortSignal,
  opening: Promise<ArchivedRelation | null>,
): Promise<ArchivedRelation | null> {
  const stop = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: stop.signal });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([opening, aborted]);
  } catch (error) {
    void opening.then(
      (relation) => relation?.close(),
      () => {},
    );
    throw error;
  } finally {
    stop.abort();
  }
}

const exported = z.array(z.object({ id: z.string() })).length(1);

/** Exports the snapshot of a transaction, and keeps it open during `work`. */
async function keptOpen<T>(tx: Transaction, work: (snapshot: string) => Promise<T>): Promise<T> {
  const [row] = exported.parse(await tx`select pg_export_snapshot() as id`);
  const timer = setInterval(() => void tx`select 1`.catch(() => {}), KEEP_OPEN_MS);
  try {
    return await work(row?.id ?? "");
  } finally {
    clearInterval(timer);
  }
}

const dialect = new PgDialect();

function executorOf(tx: Transaction) {
  return {
    execute: async (statement: SQL) => {
      const { sql: text, params } = dialect.sqlToQuery(statement);
      return await tx.unsafe<Record<string, unknown>[]>(
        text,
        params.map((param) => parameter.parse(param)),
      );
    },
  };
}

const parameter = z.union([z.string(), z.number(), z.boolean(), z.null()]);
