import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import type { TableGrowth } from "./contract";
import { growthOf } from "./growth";

/** Growth of a log table over the last 7 days, without imports of old data. */
export async function tableGrowth(ctx: Context, table: LogTableName): Promise<TableGrowth> {
  const names = { table_bytes: "bytes", index_bytes: "bytes", table_rows: "rows" };
  const growths = await growthOf(ctx.db.read.$client, names, table);
  const perDay = (name: string) => growths.find((growth) => growth.name === name)?.per_day ?? null;
  return { bytes_per_day: perDay("bytes"), rows_per_day: perDay("rows") };
}
