import type { SQL } from "drizzle-orm";
import type { JobParams } from "@/server/services/jobs";
import type { ExportColumn } from "./columns";

export type ExportParams = JobParams<"export">;

/** What a sheet is made of before it is written out for a format. */
export interface SheetSource {
  readonly title: string;
  readonly columns: readonly ExportColumn[];
  readonly from: SQL;
  readonly order: SQL;
}
