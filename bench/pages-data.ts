import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Column, type LogTable, logTables } from "@/server/catalog";
import { ensurePartitions } from "@/server/db/partitions";
import { type DemoTable, generateAccessLogEvents, generateUserActivityEvents } from "@/server/demo/traffic";
import type { Context } from "@/server/process/context";
import { prepareBatch } from "@/server/services/intake/events/prepare";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { copyBlocks } from "./harness";

export const DAYS = 90;
const DAY_MS = 86_400_000;
/** Rows created by the demo's generator. PostgreSQL multiplies them; each copy has its own users and sessions. */
const GENERATED = 450_000;
/** One in this many rows contains a planted value of medium frequency. */
const MID_EVERY = 1_000;
const RARE_ROWS = 22;

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;
const generators = { access_logs: generateAccessLogEvents, user_activities: generateUserActivityEvents };

/** Returns the planted values of a column: in one of a thousand rows, in about twenty rows, and in none. */
export function plantedValues({ type, filter }: Column): { mid: string; rare: string; absent: string } {
  if (filter === "network") return { mid: "198.51.100.7", rare: "203.0.113.7", absent: "192.0.2.7" };
  if (filter === "prefix") return { mid: "/bench-mid/1", rare: "/bench-rare/1", absent: "/bench-absent/1" };
  if (filter === "status") return { mid: "451", rare: "818", absent: "718" };
  if (type === "integer") return { mid: "400000", rare: "900000", absent: "2000000000" };
  return { mid: "bench-mid", rare: "bench-rare", absent: "bench-absent" };
}

/**
 * Fills `table` with rows of 90 days, oldest first, with the demo's distribution and planted values.
 * @returns false if an earlier run filled it
 */
export async function fillTable(ctx: Context, table: DemoTable, rows: number): Promise<boolean> {
  const { sql } = ctx.db;
  const { tableName, columns } = logTables[table];
  const mark = `${rows} rows`;
  const [found] = await sql`select obj_description(${tableName}::regclass, 'pg_class') as mark`;
  if (found?.mark === mark) return false;
  await sql.unsafe(`truncate ${tableName}`);
  const copies = Math.max(1, Math.round(rows / GENERATED));
  const perDay = Math.round(rows / copies / DAYS);
  const end = Math.floor(ctx.now().getTime() / DAY_MS) * DAY_MS;
  const first = end - DAYS * DAY_MS;
  const months = Array.from({ length: DAYS + 2 }, (_, day) => new Date(first + day * DAY_MS).toISOString().slice(0, 7));
  await ensurePartitions(ctx.db.ddl[table], tableName, new Set(months));
  const names = columns.map((column) => column.name).join(", ");
  await sql.unsafe(`drop table if exists seed; create unlogged table seed (like ${tableName})`);
  for (let day = 0; day < DAYS; day++) {
    const start = new Date(first + day * DAY_MS);
    const events = generators[table](perDay, { seed: day, start, end: new Date(start.getTime() + DAY_MS) });
    const incoming = [...events].map((event) => ({ event, raw: "", fallbackId: () => "" }));
    const blocks = copyBlocks((await prepareBatch(ctx, table, incoming, ORIGIN)).rows);
    await sql.unsafe("truncate seed");
    await pipeline(Readable.from(blocks), await sql.unsafe(`copy seed (${names}) from stdin`).writable());
    await sql.unsafe(`
      insert into ${tableName} (${names})
      select ${columns.map((column) => multiplied(column, columns, copies * perDay * DAYS)).join(", ")}
      from (
        select seed.*, copy, ${day * copies * perDay} + row_number() over (order by created_at, copy) as n
        from seed cross join generate_series(1, ${copies}) as copy
      ) as numbered
      order by n`);
  }
  await sql.unsafe("drop table seed");
  await sql.unsafe(`comment on table ${tableName} is '${mark}'`);
  await sql.unsafe("checkpoint");
  return true;
}

/** Returns the SQL expression of a column for a copied row. */
function multiplied(column: Column, columns: LogTable["columns"], rows: number): string {
  if (column.name === "id") return "gen_random_uuid()";
  if (column.name === "created_at") return "created_at + (copy - 1) * interval '1 microsecond'";
  const name = /^(user|session)_id$/.test(column.name) ? `md5(${column.name} || copy)` : column.name;
  if (!column.filter) return name;
  const own = columns.indexOf(column);
  const planted = plantedValues(column);
  const type = column.type === "inet" ? "::inet" : column.type === "integer" ? "::int" : "";
  const rareEvery = Math.floor(rows / RARE_ROWS);
  return `case
    when n % ${MID_EVERY} = ${own} then '${planted.mid}'${type}
    when n % ${rareEvery} = ${MID_EVERY / 2 + own} then '${planted.rare}'${type}
    ${column.filter === "range" ? `when n % ${rareEvery} = ${MID_EVERY / 2 + 100 + own} then 0` : ""}
    else ${name} end`;
}
