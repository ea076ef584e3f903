import { sql } from "drizzle-orm";
import { changeMarks } from "@/server/db/schema";
import { type Context, type Principal, principalKey } from "@/server/process/context";

/**
 * Longer than an entry is sharedRead (30 seconds at most) after its query ran (10 seconds at most), so that what is
 * read from a cache again was read from the tables after the change.
 */
const MARKED_FOR = "60 seconds";
/** A producer that sends a hundred batches a second writes one mark. */
const RENEWED_AFTER = "1 second";

/**
 * Remembers that somebody changed something just now: for a minute they read past every cache, in all
 * processes. To be called when the change is committed and before it is answered. Never throws: without
 * PostgreSQL there is nothing to read either.
 * @param who principalKey of who asked for the change
 */
export async function noteChange(ctx: Context, who: string): Promise<void> {
  try {
    await ctx.db.orm
      .insert(changeMarks)
      .values({ principal: who })
      .onConflictDoUpdate({
        target: changeMarks.principal,
        set: { changedAt: sql`now()` },
        setWhere: sql`${changeMarks.changedAt} < now() - ${RENEWED_AFTER}::interval`,
      });
  } catch (error) {
    ctx.log.warn({ err: error, who }, "could not note a change; its author may read a cache for seconds");
  }
}

/** Whether `principal` changed something in the last minute. */
export async function hasChanged(ctx: Context, principal: Principal): Promise<boolean> {
  const found = await ctx.db.read.execute(sql`
    select 1
    from change_marks
    where principal = ${principalKey(principal)} and changed_at > now() - ${MARKED_FOR}::interval`);
  return found.length > 0;
}
