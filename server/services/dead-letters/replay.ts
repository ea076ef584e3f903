import { AppError, fieldError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { deleteUnusedHeaders } from "@/server/services/intake";
import type { DeadLetterSelection, ReplayResult } from "./contract";
import { replayBatch } from "./replay-batch";
import { resolveSelection, shownSelection } from "./selection";

const MAX_ERRORS = 100;

/**
 * Replays dead letters, in batches of one transaction each. Successes move from dead to inserted or duplicate in the
 * counters, or to dropped if a rule drops them; failures get another attempt and remain.
 * @param edited the text to replay instead of the payload of the one selected dead letter
 * @throws AppError UNPROCESSABLE when `edited` is given for more than one, NOT_FOUND when none is left
 */
export async function replayDeadLetters(
  ctx: Context,
  selection: DeadLetterSelection,
  by: Principal,
  edited?: string,
): Promise<ReplayResult> {
  if (edited !== undefined && !("ids" in selection && selection.ids.length === 1)) {
    throw new AppError("dead_letter.one_at_a_time", {}, { errors: [fieldError("ids", "input.one_id", {})] });
  }
  const selected = await resolveSelection(ctx, selection);
  const [clock] = await ctx.db.sql<{ now: string }[]>`select clock_timestamp() as now`;
  const total = {
    replayed: 0,
    inserted: 0,
    duplicates: 0,
    dropped: 0,
    still_dead: 0,
    errors: [] as ReplayResult["errors"],
  };
  for (let isFirst = true; ; isFirst = false) {
    const batch = await ctx.db.sql.begin(async (tx) => {
      const done = await replayBatch(ctx, tx, { selection: selected, started: clock?.now ?? "", edited });
      if (done && isFirst) {
        const details = { ...shownSelection(selection), edited: edited !== undefined };
        await recordAudit(ctx, by, "dead-letter.replay", details, tx);
      }
      return done;
    });
    if (!batch) break;
    total.replayed += batch.replayed;
    total.inserted += batch.inserted;
    total.duplicates += batch.duplicates;
    total.dropped += batch.dropped;
    total.still_dead += batch.still_dead;
    total.errors.push(...batch.errors.slice(0, MAX_ERRORS - total.errors.length));
  }
  if (total.replayed > 0) await deleteUnusedHeaders(ctx.db.sql);
  if ("ids" in selection && total.replayed + total.still_dead === 0) {
    throw new AppError("dead_letter.not_found", {});
  }
  return total;
}
