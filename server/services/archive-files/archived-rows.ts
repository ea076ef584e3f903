import { logTables } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { CREATED_AT, type Row } from "@/server/services/intake";
import type { TimeRange } from "@/server/services/segment-files";
import type { CsvRecord } from "./archive-csv";
import type { ReadableArchive } from "./files";
import { readArchiveCsv } from "./read-archive";

interface ReadOptions {
  /** Rows per batch. */
  readonly size: number;
  /** Only rows of this period. */
  readonly period?: TimeRange;
  /** Ignores archived columns that the table no longer has; otherwise they are an error. */
  readonly ignoresLostColumns?: boolean;
}

/**
 * Reads the rows of an archive in batches, ordered by time, with the table's columns in order.
 * @throws AppError CONFLICT for an archive with columns that the table no longer has; see readArchiveCsv
 */
export async function* archivedRows(
  ctx: Context,
  archive: ReadableArchive,
  { size, period, ignoresLostColumns = false }: ReadOptions,
): AsyncGenerator<Row[]> {
  let toRow: ((record: CsvRecord) => Row) | undefined;
  let rows: Row[] = [];
  for await (const records of readArchiveCsv(ctx, archive)) {
    for (const record of records) {
      if (!toRow) {
        toRow = makeRowReader(archive, record, ignoresLostColumns);
        continue;
      }
      const row = toRow(record);
      if (period) {
        const time = toIsoMicroseconds(row[CREATED_AT] ?? "");
        if (time < period.from) continue;
        if (time >= period.to) {
          if (rows.length > 0) yield rows;
          return;
        }
      }
      if (rows.push(row) === size) {
        yield rows;
        rows = [];
      }
    }
  }
  if (rows.length > 0) yield rows;
}

/** Maps records by the file's own header, because archives outlive schema changes. */
function makeRowReader(
  archive: ReadableArchive,
  header: CsvRecord,
  ignoresLostColumns: boolean,
): (record: CsvRecord) => Row {
  const { columns } = logTables[archive.table];
  const unknown = header.filter((name) => !columns.some((column) => column.name === name));
  if (unknown.length > 0 && !ignoresLostColumns) {
    throw new AppError("archive.unknown_columns", { names: unknown.join(", ") });
  }
  const positions = columns.map((column) => header.indexOf(column.name));
  return (record) => positions.map((position) => (position === -1 ? null : (record[position] ?? null)));
}
