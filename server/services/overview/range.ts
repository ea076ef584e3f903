import { LOG_TABLE_NAMES } from "@/server/catalog";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { OverviewRange } from "./contract";
import type { Range } from "./periods";
import { readOnly } from "./read-only";

const FIRST_MS = Date.UTC(FIRST_YEAR, 0);
const LAST_MS = Date.UTC(LAST_YEAR + 1, 0);

/**
 * Clamps a range (milliseconds since 1970) to the years that log tables can store. Null, for all time, is the range of
 * all counted and uncounted rows, and at least the last day.
 */
export async function rangeOf(ctx: Context, range: OverviewRange): Promise<Range> {
  if (!range) return await allTime(ctx);
  const clamped = (time: number) => instantOf(new Date(Math.min(Math.max(time, FIRST_MS), LAST_MS)));
  return { start: clamped(range.from), end: clamped(range.to) };
}

async function allTime(ctx: Context): Promise<Range> {
  return await readOnly(ctx, async (tx) => {
    const [range] = await tx<{ start: string; end: string }[]>`
      select
        least(min(starts_at), now() - interval '1 day') as start,
        greatest(max(ends_at), now()) as end
      from (
        select min(at) as starts_at, max(at) + interval '1 day' as ends_at
        from traffic
        where log_table = any(${[...LOG_TABLE_NAMES]}::text[]) and grain = 'day' and dimension = 'all'
        union all
        select min(hour), max(hour) + interval '1 hour' from dirty_hours
        union all
        select min(starts_at), max(ends_at) from dirty_ranges
      ) as ranges`;
    if (!range) throw new Error("PostgreSQL did not return the range.");
    return { start: toIsoMicroseconds(range.start), end: toIsoMicroseconds(range.end) };
  });
}
