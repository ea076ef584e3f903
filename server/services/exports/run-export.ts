import path from "node:path";
import { EXPORT_CHOICES } from "@/server/catalog/export-formats";
import { databaseNow } from "@/server/db/clock";
import { type FileStore, openTarget } from "@/server/files";
import { AppError } from "@/server/lib/errors";
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
import { retentionDays } from "@/server/services/retention-policies";
import { withArchivedRows } from "./archived/with-archived-rows";
import { headerOf } from "./columns";
import type { ExportManifest, ExportParams, ExportResult } from "./contract";
import { EXPORTS, filePathOf, runSuffix } from "./files/folder";
import { EXPORT_FORMATS } from "./formats";
import { describeJsonColumns } from "./json-columns/json-columns";
import { planExport } from "./plan";
import { downloadUrl, findExport, saveExport } from "./records";
import { type ExportTask, type WrittenExport, writeExport } from "./write-export";
import { writeInThread } from "./write-in-thread";

export type ExportRun = JobRun<ExportParams>;

const DAY_MS = 86_400_000;

/**
 * Runs an export job: writes the rows of one snapshot to one file of the current store, and its record. A repeated run
 * under the same id produces the same single file.
 * @throws AppError UNPROCESSABLE for more rows than the limit, UNAVAILABLE when the store is; then no file remains
 */
export async function runExport(ctx: Context, run: ExportRun): Promise<ExportResult> {
  const done = await finishedEarlier(ctx, run);
  if (done) return done;
  const store = ctx.files.current;
  await removeEarlierFiles(ctx, run);
  const fileName = fileNameFor(ctx, run);
  const key = filePathOf(fileName);
  try {
    const written = await write(ctx, run, { target: store.target, key }, entryNameOf(fileName));
    run.signal.throwIfAborted();
    const now = await databaseNow(ctx.db.sql);
    const createdAt = instantOf(now);
    const expiresAt = instantOf(new Date(now.getTime() + (await retentionDays(ctx, "exports")) * DAY_MS));
    const manifest = manifestOf(ctx, run, fileName, written);
    await ctx.db.sql.begin(async (tx) => {
      await run.fence.check(tx);
      await saveExport(tx, manifest, { store: store.id, createdAt, expiresAt });
    });
    return resultOf(manifest, expiresAt);
  } catch (error) {
    // A thread may complete the file when it is stopped. After a lost connection, the file may have been recorded.
    if (error instanceof RunLost || run.signal.aborted) await removeFile(ctx, store, key);
    throw error;
  }
}

/** Removes files that earlier attempts left incomplete, or completed but did not record. */
async function removeEarlierFiles(ctx: Context, run: ExportRun): Promise<void> {
  const keys = Array.from({ length: run.attempt }, (_, index) =>
    filePathOf(fileNameFor(ctx, { ...run, attempt: index + 1 })),
  );
  const store = ctx.files.current;
  await store.removeIncomplete(EXPORTS, async (key) => !keys.includes(key));
  for (const key of keys) await store.remove(key);
}

/** Writes one export to a file chosen by the caller, without a record. */
export async function exportToFile(ctx: Context, run: ExportRun, file: string): Promise<WrittenExport> {
  const { dir, base } = path.parse(path.resolve(file));
  return await write(ctx, run, { target: { kind: "disk", folder: dir, id: "" }, key: base }, base);
}

async function write(
  ctx: Context,
  run: ExportRun,
  file: Pick<ExportTask, "target" | "key">,
  entryName: string,
): Promise<WrittenExport> {
  const plan = planExport(ctx.config, run.params);
  const task: ExportTask = {
    plan,
    source: {
      url: ctx.db.url,
      applicationName: "batch-console export",
      timeZone: ctx.config.timeZone,
      tables: plan.tables,
    },
    ...file,
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
  const writeTask = async (shared: ExportTask) =>
    await writer(shared, run.signal, report, ctx.columnar).catch(async (error: unknown) => {
      // A thread that was terminated left its file.
      await removeIncomplete(ctx, file);
      throw error;
    });
  const written = await (run.params.include_archived ? withArchivedRows(ctx, run, task, writeTask) : writeTask(task));
  run.progress({ done: written.rowCount, total: written.rowCount, unit: "rows", phase: "done" });
  return written;
}

/** What cannot be removed now is removed by the sweep. */
async function removeFile(ctx: Context, store: FileStore, key: string): Promise<void> {
  await store.remove(key).catch((error: unknown) => {
    ctx.log.warn({ err: error, file: key }, "file of a stopped export not removed; it will be retried");
  });
}

async function removeIncomplete(ctx: Context, { target, key }: Pick<ExportTask, "target" | "key">): Promise<void> {
  const store = await openTarget(target);
  try {
    await store.removeIncomplete(key.slice(0, key.lastIndexOf("/") + 1), async (other) => other !== key);
  } catch (error) {
    ctx.log.warn({ err: error, file: key }, "incomplete file of an export not removed; it will be retried");
  }
}

async function finishedEarlier(ctx: Context, run: ExportRun): Promise<ExportResult | undefined> {
  const record = await findExport(ctx, { id: run.id });
  if (!record) return undefined;
  const result = resultOf(record.manifest, record.expires_at);
  try {
    const file = await (await ctx.files.of(record.store)).stat(filePathOf(record.file_name));
    return file?.sizeBytes === record.size_bytes ? result : undefined;
  } catch (error) {
    // It was completed by a worker on another machine.
    if (error instanceof AppError && error.code === "files.other_disk") return result;
    throw error;
  }
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
  return `${export_type}_${day(first)}_${day(last)}_${runSuffix(id, attempt)}${extension}`;
}

function entryNameOf(fileName: string): string {
  return fileName.replace(/\.zip$/, "");
}

function manifestOf(ctx: Context, run: ExportRun, fileName: string, written: WrittenExport): ExportManifest {
  const { max_rows: _limit, columns: _columns, json_columns, ...params } = run.params;
  const { columns, omittedMembers } = written;
  const isReport = params.export_type === "statistics";
  return {
    export_id: run.id,
    file_name: fileName,
    requested_by: run.requestedBy,
    ...params,
    columns: isReport ? null : columns.filter(({ member }) => !member).map(({ name }) => name),
    ...(json_columns === undefined ? {} : { json_columns: describeJsonColumns(columns) }),
    ...(json_columns === "all" ? { json_columns_requested: json_columns } : {}),
    ...(omittedMembers === null ? {} : { json_columns_omitted: omittedMembers }),
    ...(columns.some(({ label }) => label !== undefined) ? { header: columns.map(headerOf) } : {}),
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
