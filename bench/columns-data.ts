import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { writeAllSegments } from "@/server/services/segments/write-all";
import { flushValuesIndexes } from "@/server/services/tables";
import { print, timed } from "./harness";
import { fillTable } from "./pages-data";

/** A text that one row in each fiftieth of the time of access_logs has. */
export const NEEDLE = "needle-北京";
/** A case number that as many rows of user_activities have. */
export const CASE_NUMBER = "（2024）京01民终123号";
export const HITS = 50;

/** Fills both tables and writes their segments, unless an earlier run with the same folder did. */
export async function fillColumns(ctx: Context, rows: number): Promise<void> {
  for (const table of LOG_TABLE_NAMES) {
    if (!(await fillTable(ctx, table, rows))) continue;
    await plant(ctx, table);
    await flushValuesIndexes(ctx);
  }
  const seconds = await timed(() => writeAllSegments(ctx));
  print(`  segments of new rows, of ${2 * rows}, written in ${seconds.toFixed(0)} s`);
}

/** Gives some rows, evenly distributed over time, a value that no other row has. */
async function plant({ db }: Context, table: LogTableName): Promise<void> {
  const { tableName } = logTables[table];
  const change =
    table === "access_logs"
      ? `user_agent = 'Mozilla/5.0 (${NEEDLE})'`
      : `details = jsonb_build_object('案号', '${CASE_NUMBER}', 'amount', 1.10)`;
  await db.sql.unsafe(`
    update ${tableName} as log set ${change}
    from (
      select planted.created_at, planted.id
      from (select min(created_at) as first, max(created_at) as last from ${tableName}) as ends,
        generate_series(0, ${HITS - 1}) as n,
        lateral (
          select created_at, id from ${tableName}
          where created_at >= first + (last - first) * n / ${HITS} order by created_at, id limit 1
        ) as planted
    ) as chosen
    where log.created_at = chosen.created_at and log.id = chosen.id`);
}
