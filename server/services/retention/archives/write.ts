import { type FileHandle, open, rename, writeFile } from "node:fs/promises";
import { Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { logTables } from "@/server/catalog";
import type { SqlExecutor, Transaction } from "@/server/db/client";
import type { ArchiveState } from "@/server/db/schema/cleanup";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Cleaning, Clearing } from "../cleanup/cleanup-types";
import { expiredSql } from "../cleanup/expiry";
import {
  type ArchivePlace,
  archivePath,
  BLOCK_BYTES,
  explainFileError,
  makeFolder,
  placeOf,
  readThrough,
  removeArchiveFiles,
  syncFolder,
  withFile,
} from "./files";
import { FORMAT, type Manifest } from "./manifest";
import { type Archive, type ArchiveFacts, newArchiveId, recordComplete, recordDraft } from "./records";

/** The fastest: level 6 produces a file a quarter smaller in three times the time. */
const GZIP_LEVEL = 1;

/**
 * Writes the expired rows of a partition to an archive: from one snapshot, complete, synced, read back, recorded. Only
 * archived rows may then be deleted.
 * @returns null when nothing has expired
 * @throws AppError UNAVAILABLE when the disk is full; on any error, neither file nor record remains
 */
export async function writeArchive(cleaning: Cleaning, { partition, isWhole }: Clearing): Promise<Archive | null> {
  const { ctx, table, maintenance, job, expiry, step } = cleaning;
  if (!(await hasExpired(maintenance.sql, partition.name, expiredSql(expiry)))) return null;
  const id = newArchiveId();
  const path = archivePath(table, partition.month, id);
  const place = placeOf(ctx, path);
  const createdAt = await maintenance.transaction(
    (tx) =>
      recordDraft(tx, id, {
        table,
        month: partition.month,
        path,
        cutoff: expiry.cutoff,
        jobId: job.id,
        createdBy: job.requestedBy,
        wholePartition: isWhole,
        partitionOid: partition.oid,
      }),
    "durable",
  );
  await step("archive recorded");
  const file = await openPartial(cleaning, place).catch(async (error: unknown) => {
    await forget(cleaning, id);
    throw explainFileError(error);
  });
  let failure: unknown;
  try {
    await step("archive opened");
    const facts = await maintenance.transaction(async (tx) => {
      const rows = await countExpired(tx, partition.name, expiredSql(expiry));
      if (rows.count === 0) return rows;
      // Saved because an interrupted COPY makes the ROLLBACK fail with an error of its own.
      await writeRows(cleaning, tx, partition.name, file).catch((error: unknown) => {
        failure = error;
        throw error;
      });
      return rows;
    }, "snapshot");
    if (facts.count === 0) {
      await discard(cleaning, place, id);
      return null;
    }
    const archive = await finalizeFile(cleaning, place, { id, path, month: partition.month, createdAt, ...facts });
    await step("archive complete");
    return archive;
  } catch (error) {
    await discard(cleaning, place, id);
    throw explainFileError(failure ?? error);
  } finally {
    await file.close();
  }
}

/** Creates the file for writing. If it throws, no file remains. */
async function openPartial({ ctx }: Cleaning, place: ArchivePlace): Promise<FileHandle> {
  await makeFolder(ctx, place.folder);
  return await open(place.partial, "wx", 0o600);
}

async function hasExpired(sql: SqlExecutor, partition: string, where: string): Promise<boolean> {
  const { count } = await sql.unsafe(`select from ${partition} where ${where} limit 1`);
  return count > 0;
}

type Counted = Omit<ArchiveFacts, "sizeBytes" | "sha256" | "rowCount"> & { readonly count: number };

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

async function writeRows(cleaning: Cleaning, tx: Transaction, partition: string, file: FileHandle): Promise<void> {
  const { table, job, expiry, step } = cleaning;
  const columns = logTables[table].columns.map((column) => column.name).join(", ");
  const rows = await tx
    .unsafe(
      `copy (select ${columns} from ${partition} where ${expiredSql(expiry)} order by created_at, id)
       to stdout with (format csv, header true, encoding 'UTF8')`,
    )
    .readable();
  const blocks = new Blocks(() => step("archive half written"), cleaning.archived);
  const written = file.createWriteStream();
  await pipeline(rows, blocks, createGzip({ level: GZIP_LEVEL }), written, { signal: job.signal });
  await step("archive written");
}

/**
 * Collects rows, which arrive in one chunk each, into blocks: compressing them one by one takes twenty times as long.
 */
class Blocks extends Transform {
  #parts: Buffer[] = [];
  #size = 0;
  #onFirst: (() => Promise<void>) | undefined;
  readonly #onRows: (rows: number) => void;

  constructor(onFirst: () => Promise<void>, onRows: (rows: number) => void) {
    super();
    this.#onFirst = onFirst;
    this.#onRows = onRows;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    if (this.#size < BLOCK_BYTES) done();
    else this.#give(done);
  }

  override _flush(done: TransformCallback): void {
    this.#give(done);
  }

  #give(done: TransformCallback): void {
    this.push(Buffer.concat(this.#parts, this.#size));
    const onFirst = this.#onFirst;
    // The first part is the header.
    this.#onRows(this.#parts.length - (onFirst ? 1 : 0));
    this.#parts = [];
    this.#size = 0;
    this.#onFirst = undefined;
    if (onFirst) onFirst().then(() => done(), done);
    else done();
  }
}

/** Turns a written file into a complete archive. */
async function finalizeFile(
  cleaning: Cleaning,
  place: ArchivePlace,
  {
    id,
    path,
    month,
    createdAt,
    count,
    ...facts
  }: Counted & { id: string; path: string; month: string; createdAt: Instant },
): Promise<Archive> {
  const { table, maintenance, job, expiry, step } = cleaning;
  const sizeBytes = await withFile(place.partial, "r+", async (handle) => {
    await handle.sync();
    return (await handle.stat()).size;
  });
  await step("archive synced");
  const { rows, sha256 } = await readThrough(place.partial);
  if (rows !== count) throw new AppError("archive.rows_lost", { rows, expected: count });
  await step("archive read back");
  const manifest: Manifest = {
    id,
    file: path,
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
    columns: logTables[table].columns.map((column) => column.name),
    format: FORMAT,
  };
  await withFile(place.manifest, "wx", async (handle) => {
    await writeFile(handle, `${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  });
  await step("manifest written");
  await rename(place.partial, place.file);
  await syncFolder(place.folder);
  await step("archive renamed");
  return await maintenance.transaction(
    (tx) => recordComplete(tx, id, { ...facts, rowCount: count, sizeBytes, sha256 }),
    "durable",
  );
}

/**
 * Removes the files of a failed archive, then its record. What cannot be removed now is removed by the next cleanup,
 * which finds the record.
 */
async function discard(cleaning: Cleaning, place: ArchivePlace, id: string): Promise<void> {
  const { ctx } = cleaning;
  try {
    const [known] = await ctx.db.sql<{ state: ArchiveState }[]>`select state from archives where id = ${id}`;
    // If it is complete, the next cleanup continues from there. If it has no record, another process discarded it while
    // this one was stopped, and the file has no owner.
    if (known && known.state !== "writing") return;
    await removeArchiveFiles(place);
    await forget(cleaning, id);
  } catch (error) {
    ctx.log.warn({ err: error, archive: id }, "an unfinished archive is left for the next cleanup to remove");
  }
}

/** Deletes the record of an archive without a file. */
async function forget({ ctx }: Cleaning, id: string): Promise<void> {
  await ctx.db.sql`delete from archives where id = ${id} and state = 'writing'`;
}

/**
 * Removes drafts that interrupted cleanups of this table left. This process has the maintenance lock, so no process is
 * writing them.
 */
export async function discardUnfinished(cleaning: Cleaning): Promise<void> {
  const drafts = await cleaning.maintenance.sql<{ id: string; path: string }[]>`
    select id, path from archives where table_name = ${cleaning.table} and state = 'writing'`;
  for (const draft of drafts) await discard(cleaning, placeOf(cleaning.ctx, draft.path), draft.id);
}
