import type { Transaction } from "@/server/db/client";
import type { ExportPlan, SheetPlan } from "../export-plan";
import { zipEntries } from "../zip";
import type { ExportFormat, WriteTools } from "./export-format";

type WriteSheet = (
  tx: Transaction,
  sheet: SheetPlan,
  plan: ExportPlan,
  onRows: (rows: number) => void,
  tools: WriteTools,
) => AsyncIterable<Buffer>;

/** Writes log rows as one file, and a report as a zip with a file for each sheet. */
export function filePerSheet(extension: string, write: WriteSheet): ExportFormat["write"] {
  return (tx, plan, onRows, tools) => {
    const files = plan.sheets.map((sheet, index) => ({
      name: `${sheet.title}${extension}`,
      bytes: () => write(tx, sheet, plan, (rows) => onRows(index, rows), tools),
    }));
    const [only] = files;
    return plan.kind === "rows" && only ? only.bytes() : zipEntries(files, new Date());
  };
}
