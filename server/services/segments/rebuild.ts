import { setTimeout as sleep } from "node:timers/promises";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import type { TimeRange } from "@/server/services/segment-files";
import { markAll } from "./mark-all";
import { writeAllSegments } from "./write-all";

const LOOK_MS = 1_000;

interface Rebuild {
  readonly tables: readonly LogTableName[];
  /** Undefined: all rows. */
  readonly range?: TimeRange;
  readonly signal: AbortSignal;
  readonly onProgress: (hoursLeft: number) => void;
}

/**
 * Makes hours dirty, and waits until they are written again: by the running worker, or by this process if there is
 * none. A worker writes the current hour when it is over, so that one is not waited for.
 * @returns the number of hours
 */
export async function rebuildSegments(ctx: Context, { tables, range, signal, onProgress }: Rebuild): Promise<number> {
  const marked = await ctx.db.sql.begin(async (tx) => {
    for (const table of tables) await markAll(tx, table, range);
    const [last] = await tx<{ seq: string }[]>`select last_value as seq from segment_dirty_seq`;
    return last?.seq ?? "0";
  });
  const { from = "-infinity", to = "infinity" } = range ?? {};
  const hoursLeft = async () => {
    const [left] = await ctx.db.sql<{ hours: number }[]>`
      select count(*)::int as hours
      from segment_hours
      where log_table = any(${[...tables]}::text[]) and dirty_seq <= ${marked}
        and hour > ${from}::timestamptz - interval '1 hour' and hour < ${to}
        and hour <> date_trunc('hour', now(), 'UTC')`;
    return left?.hours ?? 0;
  };
  const hours = await hoursLeft();
  for (let left = hours; left > 0; left = await hoursLeft()) {
    onProgress(left);
    const step = async (name: string) => {
      if (name === "recorded") onProgress(await hoursLeft());
    };
    const isWritten = await writeAllSegments(ctx, { signal, step, tables });
    if (!isWritten) await sleep(LOOK_MS, undefined, { signal });
  }
  return hours;
}
