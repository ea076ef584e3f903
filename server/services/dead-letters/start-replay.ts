import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { getJob, insertJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import type { GroupReplay } from "./contract";
import { compileEdit, resolveEdit } from "./edit";
import { resolveMatching } from "./selection";

/**
 * Starts a job that changes and replays the dead letters of one error. Payloads are not changed: those that fail again
 * remain as they are.
 * @throws AppError NOT_FOUND if there is none, UNPROCESSABLE for an invalid mapping or path
 */
export async function startReplay(ctx: Context, principal: Principal, input: GroupReplay): Promise<Job> {
  const { queue, search, changes } = input;
  const map = await resolveEdit(ctx, input);
  compileEdit(map, changes);
  const { errors = [] } = await resolveMatching(ctx, input);
  if (errors.length === 0) throw new AppError("dead_letter.not_found", {});
  const params = { queue, error: [...errors], search, map, changes };
  const id = await ctx.db.sql.begin(async (tx) => {
    const job = await insertJob(tx, "replay_dead_letters", params, { principal, joinKey: JSON.stringify(params) });
    if (job.isNew) {
      const details = { job_id: job.id, queue, error: input.error, search, mapping: map, changes };
      await recordAudit(ctx, principal, "dead-letter.replay", details, tx);
    }
    return job.id;
  });
  return await getJob(ctx, id);
}
