import type { SqlExecutor, Transaction } from "@/server/db/client";
import type { ArchiveState } from "@/server/db/schema/cleanup";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import {
  type ArchiveFile,
  archivePath,
  explainWriteError,
  manifestPath,
  removeArchiveFiles,
} from "@/server/services/archive-files";
import type { Cleaning, Clearing } from "../cleanup/cleanup-types";
import { expiredSql } from "../cleanup/expiry";
import { FORMATS, type Manifest, manifestBytes } from "./manifest";
import { type Archive, type ArchiveFacts, newArchiveId, recordComplete, recordDraft } from "./records";
import { csvRows, NotConverted, parquetRows, type RowsFile, type RowsTarget, type WrittenRows } from "./rows-file";

/**
 * Writes the expired rows of a partition to an archive: from one snapshot, complete, stored durably, read back,
 * recorded. Only archived rows may then be deleted. Where the columnar engine fails, the archive is a CSV file: rows
 * must not fill the disk because of a failure of the engine, and CSV needs no temporary space.
 * @returns null when nothing has expired
 * @throws AppError archive.not_written; on any error, neither file nor record remains
 */
export async function writeArchive(cleaning: Cleaning, clearing: Clearing): Promise<Archive | null> {
  const { ctx, maintenance, expiry } = cleaning;
  if (!(await hasExpired(maintenance.sql, clearing.partition.name, expiredSql(expiry)))) return null;
  let reported = 0;
  const counting: Cleaning = {
    ...cleaning,
    archived: (rows) => {
      reported += rows;
      cleaning.archived(rows);
    },
  };
  try {
    return await writeInFormat(counting, clearing, parquetRows);
  } catch (error) {
    if (!(error instanceof NotConverted)) throw error;
    ctx.log.warn({ err: error.cause }, "the rows could not be written as Parquet; they are archived as CSV");
    cleaning.archived(-reported);
    return await writeInFormat(cleaning, clearing, csvRows);
  }
}

async function writeInFormat(
  cleaning: Cleaning,
  { partition, isWhole }: Clearing,
  rowsFile: RowsFile,
): Promise<Archive | null> {
  const { ctx, table, maintenance, job, expiry, step } = cleaning;
  const id = newArchiveId();
  const file = { path: archivePath(table, partition.month, id, rowsFile.format), store: ctx.files.current.id };
  const createdAt = await maintenance.transaction(
    (tx) =>
      recordDraft(tx, id, {
        table,
        month: partition.month,
        ...file,
        cutoff: expiry.cutoff,
        jobId: job.id,
        createdBy: job.requestedBy,
        wholePartition: isWhole,
        partitionOid: partition.oid,
      }),
    "durable",
  );
  let failure: unknown;
  const writeStop = new AbortController();
  let writing: Promise<WrittenRows> | undefined;
  try {
    await step("archive recorded");
    const written = await maintenance.transaction(async (tx) => {
      const rows = await countExpired(tx, partition.name, expiredSql(expiry));
      if (rows.count === 0) return null;
      writing = writeRows(cleaning, tx, rowsFile, {
        id,
        partition: partition.name,
        file,
        signal: AbortSignal.any([job.signal, writeStop.signal]),
      });
      // Saved because an interrupted COPY makes the ROLLBACK fail with an error of its own.
      const stored = await writing.catch((error: unknown) => {
        failure = error;
        throw error;
      });
      return { ...rows, ...stored };
    }, "snapshot");
    if (written === null) {
      await discard(cleaning, file, id);
      return null;
    }
    const archive = await complete(cleaning, rowsFile, { id, file, month: partition.month, createdAt, ...written });
    await step("archive complete");
    return archive;
  } catch (error) {
    // A lost connection ends the transaction, while the reading of its rows may wait forever.
    const cause = failure ?? error;
    writeStop.abort();
    await writing?.catch(() => {});
    await discard(cleaning, file, id);
    throw explainWriteError(cause);
  }
}

async function hasExpired(sql: SqlExecutor, partition: string, where: string): Promise<boolean> {
  const { count } = await sql.unsafe(`select from ${partition} where ${where} limit 1`);
  return count > 0;
}

type Counted = Pick<ArchiveFacts, "firstTime" | "lastTime" | "snapshot"> & { readonly count: number };

/** An independent count in the snapshot of `tx`, which the file must match. */
async function countExpired(tx: Transaction, partition: string, where: string): Promise<Counted> {
  const [row] = await tx.unsafe<{ count: string; first: string | null; last: string | null; snapshot: string }[]>(
    `select count(*), min(created_at) as first, max(created_at) as last, pg_current_snapshot()::text as snapshot
     from ${partition}
     where ${where}`,
  );
  return {
    count: Number(row?.count ?? 0),
    firstTime: toIsoMicroseconds(row?.first ?? ""),
    lastTime: toIsoMicroseconds(row?.last ?? ""),
    snapshot: row?.snapshot ?? "",
  };
}

async function writeRows(
  cleaning: Cleaning,
  tx: Transaction,
  rowsFile: RowsFile,
  to: RowsTarget,
): Promise<WrittenRows> {
  const written = await rowsFile.write(cleaning, tx, to);
  await cleaning.step("archive written");
  return written;
}

/** Reads a written file back, writes its manifest, and records the archive as complete. */
async function complete(
  cleaning: Cleaning,
  { format, readBack }: RowsFile,
  written: Counted & WrittenRows & { id: string; file: ArchiveFile; month: string; createdAt: Instant },
): Promise<Archive> {
  const { ctx, table, maintenance, job, expiry, step } = cleaning;
  const { id, file, month, createdAt, count, sizeBytes, sha256, content, columns, ...facts } = written;
  await readBack(cleaning, { ...file, sizeBytes, sha256 }, { rows: count, content });
  await step("archive read back");
  const manifest: Manifest = {
    id,
    file: file.path,
    table,
    month,
    rows: count,
    first_time: facts.firstTime,
    last_time: facts.lastTime,
    sha256,
    size_bytes: sizeBytes,
    cutoff: expiry.cutoff,
    created_at: createdAt,
    created_by: job.requestedBy,
    job_id: job.id,
    columns,
    format: FORMATS[format],
  };
  await ctx.files.current.write(manifestPath(file.path), manifestBytes(manifest));
  await step("manifest written");
  return await maintenance.transaction(
    (tx) => recordComplete(tx, id, { ...facts, rowCount: count, sizeBytes, sha256 }),
    "durable",
  );
}

/**
 * Removes the files of a failed archive, then its record. What cannot be removed now is removed by the next cleanup,
 * which finds the record.
 */
async function discard(cleaning: Cleaning, file: ArchiveFile, id: string): Promise<void> {
  const { ctx } = cleaning;
  try {
    const [known] = await ctx.db.sql<{ state: ArchiveState }[]>`select state from archives where id = ${id}`;
    // If it is complete, the next cleanup continues from there. If it has no record, another process discarded it while
    // this one was stopped, and the file has no owner.
    if (known && known.state !== "writing") return;
    await removeArchiveFiles(ctx, file);
    await ctx.db.sql`delete from archives where id = ${id} and state = 'writing'`;
  } catch (error) {
    ctx.log.warn({ err: error, archive: id }, "an unfinished archive is left for the next cleanup to remove");
  }
}

/**
 * Removes drafts that interrupted cleanups of this table left. This process has the maintenance lock, so no process is
 * writing them. Those on the disk of another machine are removed by a cleanup there.
 */
export async function discardUnfinished(cleaning: Cleaning): Promise<void> {
  const { ctx, maintenance, table } = cleaning;
  const stores = ctx.files.all.map(({ id }) => id);
  const drafts = await maintenance.sql<(ArchiveFile & { id: string })[]>`
    select id, path, store
    from archives
    where table_name = ${table} and state = 'writing' and (store is null or store = any(${stores}::text[]))`;
  for (const draft of drafts) await discard(cleaning, draft, draft.id);
}
