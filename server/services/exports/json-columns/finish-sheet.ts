import { sql } from "drizzle-orm";
import type { SqlExecutor } from "@/server/db/client";
import type { ExportPlan, SheetPlan } from "../export-plan";
import { planSheet } from "../sheet-query";
import { readFound } from "./find-members";
import { nameColumns } from "./name-columns";

/** The sheets of a plan, and how many members have no column. */
export interface FinishedSheets {
  readonly sheets: readonly SheetPlan[];
  /** Null if not all members were requested. */
  readonly omitted: number | null;
}

/** Finds the members that become columns, in the snapshot that the export reads. */
export async function finishSheets(
  tx: SqlExecutor,
  { sheets, unfinished, format }: Pick<ExportPlan, "sheets" | "unfinished" | "format">,
): Promise<FinishedSheets> {
  if (unfinished === null) return { sheets, omitted: null };
  const { wanted, find, columns, taken, title, timeZone, from, order } = unfinished;
  const [row] = await tx.unsafe<{ found: string | null }[]>(find);
  const { members, omitted } = readFound(wanted, row?.found ?? null);
  const source = {
    title,
    columns: [...columns, ...nameColumns(members, taken)],
    from: sql.raw(from),
    order: sql.raw(order),
  };
  return { sheets: [planSheet(source, format, timeZone)], omitted: "columns" in wanted ? omitted : null };
}
