import { createHash } from "node:crypto";
import { type LogTable, logTables } from "@/server/catalog";
import { writeParquet } from "@/server/columnar";
import type { Context } from "@/server/process/context";
import { csvOfRows } from "./address-bytes";
import { archivedRows } from "./archived-rows";
import type { ReadableArchive } from "./files";

/** Rows per batch. */
const BATCH_ROWS = 1_000;

interface ConvertOptions {
  readonly signal?: AbortSignal;
  /** See archivedRows. */
  readonly ignoresLostColumns?: boolean;
  /** Called after each batch of rows. */
  readonly pause?: () => Promise<void>;
}

/**
 * Writes the rows of an archive of any format to a Parquet file in a folder of the engine.
 * @returns the number of rows, and the SHA-256 of the CSV that parquetContent must return
 * @throws see archivedRows; AppError columnar.*, the signal's reason
 */
export async function convertRows(
  ctx: Context,
  archive: ReadableArchive,
  target: string,
  { signal, ignoresLostColumns, pause }: ConvertOptions = {},
): Promise<{ rows: number; sha256: string }> {
  const table: LogTable = logTables[archive.table];
  const hash = createHash("sha256");
  async function* csv() {
    for await (const rows of archivedRows(ctx, archive, { size: BATCH_ROWS, ignoresLostColumns })) {
      const block = Buffer.from(csvOfRows(table, rows));
      hash.update(block);
      yield block;
      await pause?.();
    }
  }
  const rows = await writeParquet(ctx.columnar, table, csv(), target, { signal });
  return { rows, sha256: hash.digest("hex") };
}
