import type { Context } from "@/server/process/context";
import { diskLimit, diskUse } from "@/server/services/health";

const NAME = "segments_paused";

/** Whether DATA_DIR's disk is so full that no segment is written. Recorded, so that health checks report it. */
export async function isPaused(ctx: Context): Promise<boolean> {
  const [{ used }, limit] = await Promise.all([diskUse(ctx), diskLimit(ctx)]);
  if (used > limit) {
    await pause(ctx, used);
    return true;
  }
  const { count } = await ctx.db.sql`delete from monitoring_state where name = ${NAME}`;
  if (count > 0) ctx.log.info("segments are written again");
  return false;
}

/** Records that there is no space for segments. @param used the share of the disk in use */
export async function pause(ctx: Context, used: number): Promise<void> {
  const percent = String(Math.round(used * 100));
  const { count } = await ctx.db.sql`
    insert into monitoring_state (name, value) values (${NAME}, ${percent}) on conflict do nothing`;
  if (count > 0) ctx.log.warn({ percent }, "segment writing is paused: the disk of DATA_DIR is nearly full");
  else await ctx.db.sql`update monitoring_state set value = ${percent} where name = ${NAME} and value <> ${percent}`;
}
