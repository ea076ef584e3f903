import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { EXPORT_CHOICES } from "@/server/catalog/export-formats";
import type { ColumnarEngine } from "@/server/columnar";
import type { Transaction } from "@/server/db/client";
import { type SnapshotSource, withSnapshot } from "@/server/db/snapshot";
import { openTarget, type StoreTarget, type WrittenFile } from "@/server/files";
import { gzipped } from "@/server/lib/gzip";
import type { Instant } from "@/server/lib/time";
import type { ExportColumn } from "./columns";
import type { ExportPlan } from "./export-plan";
import { EXPORT_FORMATS } from "./formats";
import { finishSheets } from "./json-columns/finish-sheet";
import { tooManyRows } from "./too-many-rows";
import { zipEntries } from "./zip";

export interface ExportTask {
  readonly plan: ExportPlan;
  readonly source: SnapshotSource;
  /** The store and key of the file to write. */
  readonly target: StoreTarget;
  readonly key: string;
  /** The file name inside a zip. */
  readonly entryName: string;
  /** A CSV file with the archived rows of the snapshot in `source`, for the plan's copyArchived. */
  readonly archivedFile?: string;
}

export interface WrittenExport extends WrittenFile {
  readonly rowCount: number;
  readonly snapshotAt: Instant;
  /** The columns of the first sheet. */
  readonly columns: readonly ExportColumn[];
  /** JSON members without a column; null if not all were requested. */
  readonly omittedMembers: number | null;
}

/**
 * Reads a plan's rows in one snapshot and writes them to a new file.
 * @param onRows called with the number of rows so far, usually at most a few times a second
 * @param columnar needed for Parquet
 * @throws AppError UNPROCESSABLE when there are more rows than the limit, files.*
 */
export async function writeExport(
  task: ExportTask,
  signal: AbortSignal,
  onRows: (rows: number) => void,
  columnar?: ColumnarEngine,
): Promise<WrittenExport> {
  const { plan, source, target, key, entryName } = task;
  const store = await openTarget(target);
  const writeStop = new AbortController();
  const tools = { columnar, signal: AbortSignal.any([signal, writeStop.signal]) };
  let writing: Promise<WrittenFile> | undefined;
  try {
    return await withSnapshot(source, signal, async (tx, snapshotAt) => {
      for (const statement of plan.statements) await tx.unsafe(statement);
      await copyArchived(tx, task, tools.signal);
      const { sheets, omitted } = await finishSheets(tx, plan);
      const counter = countRows(plan.limit, onRows);
      const file = EXPORT_FORMATS[plan.format].write(tx, { ...plan, sheets }, counter.add, tools);
      const bytes = compressed(plan, file, entryName);
      writing = store.write(key, bytes, writeStop.signal);
      const written = await writing;
      const columns = sheets[0]?.columns ?? [];
      return { ...written, rowCount: counter.total(), snapshotAt, columns, omittedMembers: omitted };
    });
  } finally {
    // A lost connection ends the transaction, but reading its rows may wait forever.
    writeStop.abort();
    await writing?.catch(() => {});
  }
}

async function copyArchived(
  tx: Transaction,
  { plan, archivedFile }: Pick<ExportTask, "plan" | "archivedFile">,
  signal: AbortSignal,
): Promise<void> {
  if (plan.copyArchived === null) return;
  if (archivedFile === undefined) throw new Error("An export with archived rows needs their file.");
  const copy = await tx.unsafe(plan.copyArchived).writable();
  await pipeline(createReadStream(archivedFile), copy, { signal });
  await tx`analyze archived_rows`;
}

/** Sums the rows of the sheets, which report them separately. */
function countRows(limit: number | null, onRows: (rows: number) => void) {
  const sheets: number[] = [];
  const total = () => sheets.reduce((sum, rows) => sum + rows, 0);
  return {
    total,
    add: (sheet: number, rows: number) => {
      sheets[sheet] = rows;
      if (limit !== null && total() > limit) throw tooManyRows(limit);
      onRows(total());
    },
  };
}

function compressed(plan: ExportPlan, bytes: AsyncIterable<Buffer>, entryName: string): AsyncIterable<Buffer> {
  // A report of several files is already a zip.
  if (plan.kind === "report" && !EXPORT_CHOICES[plan.format].hasSheets) return bytes;
  switch (plan.compress) {
    case "none":
      return bytes;
    case "zip":
      return zipEntries([{ name: entryName, bytes: () => bytes }], new Date());
    case "gzip":
      return gzipped(bytes);
  }
}
