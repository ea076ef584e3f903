import type { SQL } from "drizzle-orm";
import type { ExportColumn } from "./columns";
import type { ExportParams } from "./contract";
import type { MembersToFind } from "./json-columns/find-members";

/** The source of a sheet before it is formatted. */
export interface SheetSource {
  readonly title: string;
  readonly columns: readonly ExportColumn[];
  readonly from: SQL;
  readonly order: SQL;
}

/** One table of a file, or one file of a report. */
export interface SheetPlan {
  readonly title: string;
  readonly columns: readonly ExportColumn[];
  /** A SELECT without parameters, with these columns in order. */
  readonly query: string;
}

/** A sheet whose last columns are found first. */
export interface UnfinishedSheet {
  readonly wanted: MembersToFind;
  /** A SELECT of the result of findStatement. */
  readonly find: string;
  /** The other columns. */
  readonly columns: readonly ExportColumn[];
  /** Names that no column may have. */
  readonly taken: readonly string[];
  readonly title: string;
  /** FROM and ORDER BY of the sheet's query. */
  readonly from: string;
  readonly order: string;
  readonly timeZone: string;
}

/** The queries and output options of an export, as plain data that can be passed to a thread. */
export interface ExportPlan {
  readonly kind: "rows" | "report";
  readonly format: ExportParams["format"];
  readonly compress: ExportParams["compress"];
  readonly bom: boolean;
  /** The tables that are read. */
  readonly tables: readonly string[];
  /** Executed first, in the same snapshot. */
  readonly statements: readonly string[];
  /** A COPY FROM STDIN of the archived rows as CSV, executed next; null if they are not included. */
  readonly copyArchived: string | null;
  readonly sheets: readonly SheetPlan[];
  /** The only sheet, if its columns are not known yet. */
  readonly unfinished: UnfinishedSheet | null;
  /** Maximum number of log rows; more make the export fail. Null for reports. */
  readonly limit: number | null;
  /** Rows fetched at a time by formats that do not use COPY. */
  readonly chunkSize: number;
}
