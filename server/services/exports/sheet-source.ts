import type { SQL } from "drizzle-orm";
import type { ExportColumn } from "./columns";

/** The source of a sheet before it is formatted. */
export interface SheetSource {
  readonly title: string;
  readonly columns: readonly ExportColumn[];
  readonly from: SQL;
  readonly order: SQL;
}
