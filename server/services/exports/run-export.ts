import { randomUUID } from "node:crypto";
import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { EXPORT_CHOICES } from "@/server/catalog/export-formats";
import { databaseNow } from "@/server/db/clock";
import { AppError, fileErrorCode } from "@/server/lib/errors";
import {
  type Instant,
  instantAt,
  instantOf,
  localDate,
  parseRangeEnd,
  parseRangeStart,
  secondsOf,
} from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { type JobRun, RunLost } from "@/server/services/jobs";
import { countUpTo } from "@/server/services/logs";
import type { ExportManifest, ExportParams, ExportResult } from "./contract";
import { ensureExportsFolder, exportsFolder, filePathOf, partName, syncFolder } from "./files/folder";
import { explainFullDisk } from "./files/part-file";
import { removeParts } from "./files/sweep";
import { EXPORT_FORMATS } from "./formats";
import { planExport } from "./plan";
import { downloadUrl, findExport, saveExport } from "./records";
import { type ExportTask, type WrittenExport, writeExport } from "./write-export";
import { writeInThread } from "./write-in-thread";

export type ExportRun = JobRun<ExportParams>;

const DAY_MS = 86_400_000;

/**
 * Runs an export job: writes the rows of one snapshot to one file of the exports folder, and its record. A repeated run
 * under the same id produces the same single file.
 * @throws AppError UNPROCESSABLE for more rows than the limit, UNAVAILABLE when the file cannot be written, as on a full
 * disk; then no file remains
 */
export async function runExport(ctx: Context, run: ExportRun): Promise<ExportResult> {
  try {
    return await writeAndRecord(ctx, run);
  } catch (thrown) {
    const error = explainFullDisk(thrown);
    const code = fileErrorCode(error);
    throw code === undefined ? error : new AppError("export.unwritable", { code }, { retryAfter: 60, cause: error });
  }
}

async function writeAndRecord(ctx: Context, run: ExportRun): Promise<ExportResult> {
  const done = await finishedEarlier(ctx, run);
  if (done) return done;
  const folder = await ensureExportsFolder(ctx.config);
  await removeParts(folder, run.id);
  await removeEarlierFiles(ctx, folder, run);
  const fileName = fileNameFor(ctx, run);
  const part = path.join(folder, partName(run.id, randomUUID()));
  try {
    const written = await write(ctx, run, part, entryNameOf(fileName));
    run.signal.throwIfAborted();
    const now = await databaseNow(ctx.db.sql);
    const createdAt = instantOf(now);
    const expiresAt = instantOf(new Date(now.getTime() + ctx.config.retentionDays.exports * DAY_MS));
    const manifest = manifestOf(ctx, run, fileName, written);
    await rename(part, path.join(folder, fileName));
    await syncFolder(folder);
    try {
      await ctx.db.sql.begin(async (tx) => {
        await run.fence.check(tx);
        await saveExport(tx, manifest, { createdAt, expiresAt });
      });
    } catch (error) {
      if (error instanceof RunLost) await rm(path.join(folder, fileName), { force: true });
      throw error;
    }
    return resultOf(manifest, expiresAt);
  } finally {
    await rm(part, { force: true });
  }
}

/** Removes files that earlier attempts renamed but did not record. */
async function removeEarlierFiles(ctx: Context, folder: string, run: ExportRun): Promise<void> {
  for (let attempt = 1; attempt < run.attempt; attempt++) {
    await rm(path.join(folder, fileNameFor(ctx, { ...run, attempt })), { force: true });
  }
}

/** Writes one export to a file chosen by the caller, without a record. */
export async function exportToFile(ctx: Context, run: ExportRun, file: string): Promise<WrittenExport> {
  const part = path.join(path.dirname(file), partName(run.id, randomUUID()));
  try {
    const written = await write(ctx, run, part, path.basename(file));
    await rename(part, file);
    await syncFolder(path.dirname(file));
    return written;
  } finally {
    await rm(part, { force: true });
  }
}

async function write(ctx: Context, run: ExportRun, partPath: string, entryName: string): Promise<WrittenExport> {
  const plan = planExport(ctx.config, run.params);
  const task: ExportTask = {
    plan,
    source: { url: ctx.db.url, timeZone: ctx.config.timeZone, jobId: run.id, tables: plan.tables },
    partPath,
    entryName,
  };
  // Counts concurrently, since only the progress bar needs the total.
  let total: number | null = null;
  if (run.params.export_type !== "statistics" && plan.limit !== null) {
    countUpTo(ctx, run.params.export_type, run.params, plan.limit).then(
      ({ count }) => {
        total = count;
      },
      (error: unknown) => ctx.log.debug({ err: error, job: run.id }, "rows of an export not counted"),
    );
  }
  const report = (done: number) =>
    run.progress({ done, total: total === null ? null : Math.max(total, done), unit: "rows", phase: "writing" });
  run.progress({ done: 0, total: null, unit: "rows", phase: "reading" });
  const writer = EXPORT_FORMATS[plan.format].needsThread ? writeInThread : writeExport;
  const written = await writer(task, run.signal, report);
  run.progress({ done: written.rowCount, total: written.rowCount, unit: "rows", phase: "done" });
  return written;
}

async function finishedEarlier(ctx: Context, run: ExportRun): Promise<ExportResult | undefined> {
  const record = await findExport(ctx, { id: run.id });
  if (!record) return undefined;
  const stats = await stat(path.join(exportsFolder(ctx.config), record.file_name)).catch(() => undefined);
  return stats?.size === record.size_bytes ? resultOf(record.manifest, record.expires_at) : undefined;
}

const EXTENSIONS = { none: "", gzip: ".gz", zip: ".zip" } as const;

/**
 * `access_logs_2024-01-01_2024-01-31_1f3c9a2b77de.csv`: the first and last requested day, and the job. A later attempt
 * writes another file, because the process of an earlier one may still rename its own.
 */
function fileNameFor({ config }: Pick<Context, "config">, { id, params, attempt }: ExportRun): string {
  const { export_type, format, compress, start_date, end_date } = params;
  const { timeZone } = config;
  const day = (instant: Instant | undefined) => (instant === undefined ? "all" : localDate(instant, timeZone));
  const first = start_date === undefined ? undefined : parseRangeStart(start_date, timeZone);
  const after = end_date === undefined ? undefined : parseRangeEnd(end_date, timeZone);
  const last = after && instantAt(Math.ceil(secondsOf(after)) - 1);
  const extension =
    export_type === "statistics" && !EXPORT_CHOICES[format].hasSheets
      ? ".zip"
      : `${EXPORT_FORMATS[format].extension}${EXTENSIONS[compress]}`;
  const job = `${id.replaceAll("-", "").slice(-12)}${attempt > 1 ? `-${attempt}` : ""}`;
  return `${export_type}_${day(first)}_${day(last)}_${job}${extension}`;
}

function entryNameOf(fileName: string): string {
  return fileName.replace(/\.zip$/, "");
}

function manifestOf(ctx: Context, run: ExportRun, fileName: string, written: WrittenExport): ExportManifest {
  const { max_rows: _limit, columns, ...params } = run.params;
  const plan = planExport(ctx.config, run.params);
  return {
    export_id: run.id,
    file_name: fileName,
    requested_by: run.requestedBy,
    ...params,
    columns: columns ?? (plan.kind === "rows" ? (plan.sheets[0]?.columns.map((column) => column.name) ?? null) : null),
    time_zone: ctx.config.timeZone,
    snapshot_at: written.snapshotAt,
    row_count: written.rowCount,
    size_bytes: written.sizeBytes,
    sha256: written.sha256,
  };
}

function resultOf(manifest: ExportManifest, expiresAt: string): ExportResult {
  const { file_name, format, row_count, size_bytes, sha256 } = manifest;
  return {
    file_path: filePathOf(file_name),
    download_url: downloadUrl(file_name),
    file_name,
    format,
    row_count,
    size_bytes,
    sha256,
    expires_at: expiresAt,
  };
}
