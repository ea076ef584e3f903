import { PassThrough, type Readable } from "node:stream";
import type { Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import { csvFile } from "./csv/csv-file";
import type { Cell } from "./excel/workbook";
import { type WrittenFile, writePartFile } from "./files/part-file";
import type { ExportPlan, SheetPlan } from "./plan";
import { type SnapshotSource, withSnapshot } from "./snapshot";
import { tooManyRows } from "./too-many-rows";
import { gzipped, zipEntries } from "./zip";

export interface ExportTask {
  readonly plan: ExportPlan;
  readonly source: SnapshotSource;
  /** The path of the file to write; the caller removes it on failure. */
  readonly partPath: string;
  /** The file name inside a zip. */
  readonly entryName: string;
}

export interface WrittenExport extends WrittenFile {
  readonly rowCount: number;
  readonly snapshotAt: Instant;
}

/**
 * Reads a plan's rows in one snapshot and writes them to a new, synced file.
 * @param onRows called with the number of rows so far, usually at most a few times a second
 * @throws AppError UNPROCESSABLE when there are more rows than the limit, UNAVAILABLE when the disk is full
 */
export async function writeExport(
  task: ExportTask,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<WrittenExport> {
  const { plan, source, partPath, entryName } = task;
  return await withSnapshot(source, signal, async (tx, snapshotAt) => {
    for (const statement of plan.statements) await tx.unsafe(statement);
    const counter = countRows(plan.limit, onRows);
    const bytes = compressed(plan, fileBytes(tx, plan, counter.sheet), entryName);
    const written = await writePartFile(partPath, bytes);
    return { ...written, rowCount: counter.total(), snapshotAt };
  });
}

/** Sums the rows of the sheets, which report them separately. */
function countRows(limit: number | null, onRows: (rows: number) => void) {
  const sheets: number[] = [];
  const total = () => sheets.reduce((sum, rows) => sum + rows, 0);
  return {
    total,
    sheet: (index: number) => (rows: number) => {
      sheets[index] = rows;
      if (limit !== null && total() > limit) throw tooManyRows(limit);
      onRows(total());
    },
  };
}

type OnSheetRows = (sheet: number) => (rows: number) => void;

function fileBytes(tx: Transaction, plan: ExportPlan, onSheetRows: OnSheetRows): AsyncIterable<Buffer> {
  if (plan.format === "excel") return workbookBytes(tx, plan, onSheetRows);
  const file = (sheet: SheetPlan, index: number) => csvFile(tx, sheet, { bom: plan.bom, onRows: onSheetRows(index) });
  const [only, ...others] = plan.sheets;
  if (plan.kind === "rows" && only && others.length === 0) return file(only, 0);
  const entries = plan.sheets.map((sheet, index) => ({ name: `${sheet.title}.csv`, bytes: () => file(sheet, index) }));
  return zipEntries(entries, new Date());
}

function workbookBytes(tx: Transaction, plan: ExportPlan, onSheetRows: OnSheetRows): Readable {
  const output = new PassThrough();
  const sheets = plan.sheets.map(({ title, columns, query }) => ({
    title,
    columns,
    chunks: () => ahead(tx.unsafe<Record<string, Cell>[]>(query).values().cursor(plan.chunkSize)),
  }));
  const onRows = onSheetRows(0);
  // exceljs uses 30 MB, so it is loaded on demand.
  import("./excel/workbook")
    .then(({ writeWorkbook }) => writeWorkbook(output, sheets, { onRows }))
    .catch((error: Error) => output.destroy(error));
  return output;
}

/** Prefetches one item, so that PostgreSQL reads while the sheet is written. */
async function* ahead<T>(source: AsyncIterable<T>): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  // postgres.js returns no promise for a query that has ended.
  const read = async () => await iterator.next();
  let next = read();
  try {
    for (let { value, done } = await next; !done; { value, done } = await next) {
      next = read();
      yield value;
    }
  } finally {
    // A cursor can be closed only between chunks; closing it during a read would block forever.
    await next.catch(() => {});
    await iterator.return?.();
  }
}

function compressed(plan: ExportPlan, bytes: AsyncIterable<Buffer>, entryName: string): AsyncIterable<Buffer> {
  // A report in CSV is already a zip.
  if (plan.kind === "report" && plan.format === "csv") return bytes;
  switch (plan.compress) {
    case "none":
      return bytes;
    case "zip":
      return zipEntries([{ name: entryName, bytes: () => bytes }], new Date());
    case "gzip":
      return gzipped(bytes);
  }
}
