import type { Transaction } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { isTimeout, tooSlow } from "@/server/services/logs";

/** In milliseconds. Reads of counts and roll-ups take about a tenth of a second. */
const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Reads in one snapshot on a connection of the read pool, so that a page's queries leave the others to intake and
 * sign-in.
 * @throws AppError UNPROCESSABLE when a statement takes too long
 */
export async function readOnly<T>(ctx: Context, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    const { answer } = await ctx.db.read.$client.begin("isolation level repeatable read read only", async (tx) => {
      await tx`
        select
          set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true),
          set_config('plan_cache_mode', 'auto', true)`;
      // Wrapped, because postgres.js changes the type of arrays.
      return { answer: await work(tx) };
    });
    return answer;
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : error;
  }
}
