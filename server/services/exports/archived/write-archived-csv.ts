import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SQL } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import type { ColumnarEngine } from "@/server/columnar";
import { AppError, fileErrorCode, NO_ROOM_CODES } from "@/server/lib/errors";
import { readRelationCsv } from "@/server/services/archive-files";
import { tooManyRows } from "../too-many-rows";

interface Target {
  readonly table: LogTable;
  /** The rows, in DuckDB's dialect; null for none. */
  readonly select: SQL | null;
  readonly file: string;
  readonly limit: number | null;
}

/**
 * Writes rows to a file as CSV for COPY.
 * @throws AppError UNPROCESSABLE for more rows than the limit, columnar.*; the signal's reason
 */
export async function writeArchivedCsv(
  columnar: ColumnarEngine,
  { table, select, file, limit }: Target,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<void> {
  async function* blocks() {
    if (select === null) return;
    let total = 0;
    for await (const { rows, text } of readRelationCsv(columnar, table, select, { signal, user: table.name })) {
      total += rows;
      if (limit !== null && total > limit) throw tooManyRows(limit);
      onRows(total);
      yield text;
    }
  }
  try {
    await pipeline(Readable.from(blocks()), createWriteStream(file, { mode: 0o600 }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    const code = fileErrorCode(error);
    if (code === undefined || !NO_ROOM_CODES.has(code)) throw error;
    throw new AppError("columnar.no_temporary_space", {}, { retryAfter: 60, cause: error });
  }
}
