import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { type LogTable, logTables } from "@/server/catalog";
import type { ArchiveFormat } from "@/server/catalog/archive-formats";
import { csvColumns, writeParquet } from "@/server/columnar";
import type { Transaction } from "@/server/db/client";
import type { WrittenFile } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { gzipped } from "@/server/lib/gzip";
import {
  type ArchiveFile,
  parquetContent,
  readThrough,
  recordBlocks,
  type StoredArchive,
} from "@/server/services/archive-files";
import type { Cleaning } from "../cleanup/cleanup-types";
import { copyRows, tableColumns } from "./copy-rows";
import { parquetColumnNames } from "./manifest";

export interface RowsTarget {
  /** The ID of the archive's draft. */
  readonly id: string;
  readonly partition: string;
  readonly file: ArchiveFile;
  readonly signal: AbortSignal;
}

export interface WrittenRows extends WrittenFile {
  /** The SHA-256 of what the file must return when it is read back. */
  readonly content: string;
  readonly columns: readonly string[];
  /** Whether the blocks of all rows were recorded. */
  readonly hasBlocks: boolean;
}

/** How the rows of an archive become a file of one format. */
export interface RowsFile {
  readonly format: ArchiveFormat;
  write(cleaning: Cleaning, tx: Transaction, to: RowsTarget): Promise<WrittenRows>;
  /** Proves that the stored file contains the copied rows, completely and unchanged. @throws if it does not */
  readBack(cleaning: Cleaning, file: StoredArchive, copied: { rows: number; content: string }): Promise<void>;
}

/** The columnar engine could not write the rows, or returned other ones; the cause is the reason. */
export class NotConverted extends Error {}

/** PostgreSQL's CSV, compressed while it is read. */
export const csvRows: RowsFile = {
  format: "csv.gz",
  write: async (cleaning, tx, { partition, file, signal }) => {
    const rows = copyRows(cleaning, tx, partition, { columns: tableColumns(cleaning), header: true });
    const written = await cleaning.ctx.files.current.write(file.path, gzipped(rows), signal);
    const columns = logTables[cleaning.table].columns.map(({ name }) => name);
    return { ...written, content: written.sha256, columns, hasBlocks: false };
  },
  readBack: async ({ ctx }, file, { rows, content }) => {
    const read = await readThrough(ctx, file);
    requireEqual({ rows: read.rows, content: read.sha256 }, { rows, content });
  },
};

/** A Parquet file of server/columnar/layout.ts, written beside the store first. */
export const parquetRows: RowsFile = {
  format: "parquet",
  write: async (cleaning, tx, { id, partition, file, signal }) => {
    const { ctx } = cleaning;
    const table: LogTable = logTables[cleaning.table];
    const csv = observed(copyRows(cleaning, tx, partition, { columns: csvColumns(table), header: false }), signal);
    const blocks = recordBlocks(ctx.db.sql, table, id, csv.blocks);
    const folder = await converted(signal, () => ctx.columnar.makeFolder());
    try {
      const target = path.join(folder, "rows.parquet");
      await converted(signal, () => writeParquet(ctx.columnar, table, blocks.rows, target, { signal }), csv.failure);
      const written = await ctx.files.current.write(file.path, createReadStream(target), signal);
      return {
        ...written,
        content: csv.sha256(),
        columns: parquetColumnNames(table),
        hasBlocks: blocks.failure() === undefined,
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  readBack: async ({ ctx, job }, file, copied) => {
    await converted(job.signal, async () => {
      const { rows, sha256 } = await parquetContent(ctx, file);
      requireEqual({ rows, content: sha256 }, copied);
    });
  },
};

function requireEqual(read: { rows: number; content: string }, copied: { rows: number; content: string }): void {
  if (read.rows !== copied.rows || read.content !== copied.content)
    throw new AppError("archive.rows_lost", { rows: read.rows, expected: copied.rows });
}

/**
 * Hashes blocks that pass, and remembers why they ended early. If the consumer stops, the rest is read nevertheless,
 * because a session with an unfinished COPY cannot be used for another attempt.
 */
function observed(source: AsyncGenerator<Buffer, void>, signal: AbortSignal) {
  const hash = createHash("sha256");
  let failed: { readonly error: unknown } | undefined;
  const next = async () => {
    try {
      return await source.next();
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  async function* pass() {
    let isOver = false;
    try {
      for (let block = await next(); !block.done; block = await next()) {
        hash.update(block.value);
        yield block.value;
      }
      isOver = true;
    } finally {
      while (!isOver && !failed && !signal.aborted) isOver = (await next()).done === true;
      if (!isOver) await source.return();
    }
  }
  return { blocks: pass(), sha256: () => hash.digest("hex"), failure: () => failed };
}

/**
 * Runs work of the columnar engine.
 * @param sourceFailure the failure of the rows that it reads, which is not one of the engine
 * @throws NotConverted; the signal's reason, the failure of the source or of the file store
 */
async function converted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  sourceFailure: () => { readonly error: unknown } | undefined = () => undefined,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const source = sourceFailure();
    if (source) throw source.error;
    if (error instanceof AppError && error.code.startsWith("files.")) throw error;
    throw new NotConverted("The columnar engine failed.", { cause: error });
  }
}
