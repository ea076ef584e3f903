import type { LogTableName } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";

/**
 * Pauses or resumes a queue for all workers. Running batches finish; with Redis, a worker may claim one more batch.
 * Intake continues.
 */
export async function setQueuePaused(ctx: Context, queue: LogTableName, paused: boolean, by: Principal): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    await tx`
    insert into queue_states (queue, paused, changed_at, changed_by)
    values (${queue}, ${paused}, now(), ${by.name})
    on conflict (queue) do update set
      paused = excluded.paused,
      changed_at = excluded.changed_at,
      changed_by = excluded.changed_by`;
    await recordAudit(ctx, by, paused ? "queue.pause" : "queue.resume", { queue }, tx);
  });
  ctx.log.info({ queue, paused, by: by.name }, paused ? "queue paused" : "queue resumed");
}
