import { createWriteStream } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/errors";
import { instantOf } from "@/server/time";
import { expiredSql } from "../cleanup/expiry";
import type { Cleaning, Clearing } from "../cleanup/types";
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

/** The fastest: level 6 makes a file a quarter smaller in three times the time. */
const GZIP_LEVEL = 1;

/**
 * Writes the expired rows of a partition to an archive: of one snapshot, complete, synced, read back, recorded.
 * Only what it holds may be deleted then.
 * @returns null where nothing has expired
 * @throws AppError UNAVAILABLE when there is no room; whatever it throws, it leaves neither file nor record
 */
export async function writeArchive(cleaning: Cleaning, { partition, isWhole }: Clearing): Promise<Archive | null> {
  const { ctx, table, maintenance, job, expiry, step } = cleaning;
  const id = newArchiveId();
  const path = archivePath(table, partition.month, id);
  const place = placeOf(ctx, path);
  let recorded = false;
  try {
    const facts = await maintenance.transaction(async (tx) => {
      const rows = await countExpired(tx, partition.name, expiredSql(expiry));
      if (rows.count === 0) return null;
      await recordDraft(ctx.db.sql, id, {
        table,
        month: partition.month,
        path,
        cutoff: expiry.cutoff,
        jobId: job.id,
        createdBy: job.requestedBy,
        wholePartition: isWhole,
        partitionOid: partition.oid,
      });
      recorded = true;
      await step("archive recorded");
      await writeRows(cleaning, tx, partition.name, place);
      return rows;
    }, "repeatable read read only");
    if (facts === null) return null;
    const archive = await settleFile(cleaning, place, { id, path, month: partition.month, ...facts });
    await step("archive complete");
    return archive;
  } catch (error) {
    if (recorded) await discard(cleaning, place, id);
    throw explainFileError(error);
  }
}

type Counted = Omit<ArchiveFacts, "sizeBytes" | "sha256" | "rowCount"> & { readonly count: number };

/** In the snapshot of `tx`: an independent count, which the file has to meet. */
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

async function writeRows(cleaning: Cleaning, tx: Transaction, partition: string, place: ArchivePlace): Promise<void> {
  const { ctx, table, job, expiry, step } = cleaning;
  await makeFolder(ctx, place.folder);
  const file = createWriteStream(place.partial, { flags: "wx", mode: 0o600 });
  await step("archive opened");
  const columns = logTables[table].columns.map((column) => column.name).join(", ");
  const rows = await tx
    .unsafe(
      `copy (select ${columns} from ${partition} where ${expiredSql(expiry)} order by created_at, id)
       to stdout with (format csv, header true, encoding 'UTF8')`,
    )
    .readable();
  const blocks = new Blocks(() => step("archive half written"), cleaning.archived);
  await pipeline(rows, blocks, createGzip({ level: GZIP_LEVEL }), file, { signal: job.signal });
  await step("archive written");
}

/** Gathers the rows, which come a chunk each, into blocks: compressing them one by one takes twenty times as long. */
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
    // The first part of all is the header.
    this.#onRows(this.#parts.length - (onFirst ? 1 : 0));
    this.#parts = [];
    this.#size = 0;
    this.#onFirst = undefined;
    if (onFirst) onFirst().then(() => done(), done);
    else done();
  }
}

/** From a written file to an archive that counts. */
async function settleFile(
  cleaning: Cleaning,
  place: ArchivePlace,
  { id, path, month, count, ...facts }: Counted & { id: string; path: string; month: string },
): Promise<Archive> {
  const { ctx, table, job, expiry, step } = cleaning;
  const sizeBytes = await withFile(place.partial, "r+", async (handle) => {
    await handle.sync();
    return (await handle.stat()).size;
  });
  await step("archive synced");
  const { rows, sha256 } = await readThrough(place.partial);
  if (rows !== count) throw new AppError("INTERNAL", `The archive holds ${rows} rows instead of ${count}.`);
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
    created_at: instantOf(ctx.now()),
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
  return await recordComplete(ctx.db.sql, id, { ...facts, rowCount: count, sizeBytes, sha256 });
}

/** What cannot be removed now is removed by the next cleanup, which finds the record. */
async function discard({ ctx }: Cleaning, place: ArchivePlace, id: string): Promise<void> {
  try {
    // First the record's own state decides: a complete archive is never removed here.
    const [draft] = await ctx.db.sql`select 1 from archives where id = ${id} and state = 'writing'`;
    if (!draft) return;
    await removeArchiveFiles(place);
    await ctx.db.sql`delete from archives where id = ${id} and state = 'writing'`;
  } catch (error) {
    ctx.log.warn({ err: error, archive: id }, "an unfinished archive is left for the next cleanup to remove");
  }
}

/** Removes what cleanups of this table left unfinished when they died; its maintenance is ours, so nobody writes them. */
export async function discardUnfinished(cleaning: Cleaning): Promise<void> {
  const drafts = await cleaning.maintenance.sql<{ id: string; path: string }[]>`
    select id, path from archives where table_name = ${cleaning.table} and state = 'writing'`;
  for (const draft of drafts) await discard(cleaning, placeOf(cleaning.ctx, draft.path), draft.id);
}
