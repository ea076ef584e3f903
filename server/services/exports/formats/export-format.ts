import type { SQL } from "drizzle-orm";
import type { ColumnarEngine } from "@/server/columnar";
import type { Transaction } from "@/server/db/client";
import type { ExportColumn } from "../columns";
import type { ExportPlan } from "../export-plan";

export interface WriteTools {
  /** Undefined in a separate thread. */
  readonly columnar: ColumnarEngine | undefined;
  /** Aborts when the export is cancelled or has failed. */
  readonly signal: AbortSignal;
}

/** How files of a format are written. */
export interface ExportFormat {
  /** Without further compression. */
  readonly extension: `.${string}`;
  readonly mediaType: string;
  /** Maximum rows of a sheet, including the header; null if unlimited. */
  readonly maxSheetRows: number | null;
  /** File size relative to the rows as plain CSV or JSON, measured for access logs. */
  readonly size: { readonly of: "csv" | "json"; readonly plain: number; readonly compressed: number };
  /** Whether writing occupies a CPU, and therefore runs in a separate thread. */
  readonly needsThread: boolean;
  /** The SQL expression of a column. @param isOnly whether the sheet has no other column */
  expression(column: ExportColumn, sheet: { readonly timeZone: string; readonly isOnly: boolean }): SQL;
  /** @param onRows receives the number of rows written so far to the sheet with this index */
  write(
    tx: Transaction,
    plan: ExportPlan,
    onRows: (sheet: number, rows: number) => void,
    tools: WriteTools,
  ): AsyncIterable<Buffer>;
}
