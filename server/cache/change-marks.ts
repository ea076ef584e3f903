import { sql } from "drizzle-orm";
import { changeMarks } from "@/server/db/schema";
import { within } from "@/server/lib/within";
import { type Context, type Principal, principalKey } from "@/server/process/context";

/**
 * Exceeds the age of a cache entry (30 seconds at most) plus the run time of its query (10 seconds at most). An entry
 * that is read after this time therefore includes the change.
 */
const MARKED_FOR = "60 seconds";
/** Limits a producer that sends a hundred batches per second to one write per second. */
const RENEWED_AFTER = "1 second";
/** The maximum time that a response waits for the record, which is then written when PostgreSQL responds. */
const MAX_DELAY_MS = 1_000;

/**
 * Records that a user changed data. For the next minute, that user's reads bypass the cache in all processes. Call it
 * after the change is committed and before the response is sent. Never throws: without PostgreSQL there is nothing to
 * read either.
 * @param who principalKey of the caller
 */
export async function noteChange(ctx: Context, who: string): Promise<void> {
  const noting = ctx.db.orm
    .insert(changeMarks)
    .values({ principal: who })
    .onConflictDoUpdate({
      target: changeMarks.principal,
      set: { changedAt: sql`now()` },
      setWhere: sql`${changeMarks.changedAt} < now() - ${RENEWED_AFTER}::interval`,
    })
    .then(
      () => {},
      (error: unknown) =>
        ctx.log.warn(
          { err: error, who },
          "could not record a change; the caller may read cached data for up to 30 seconds",
        ),
    );
  await within(noting, MAX_DELAY_MS);
}

/** Returns whether `principal` changed data in the last minute. */
export async function hasChanged(ctx: Context, principal: Principal): Promise<boolean> {
  const found = await ctx.db.read.execute(sql`
    select 1
    from change_marks
    where principal = ${principalKey(principal)} and changed_at > now() - ${MARKED_FOR}::interval`);
  return found.length > 0;
}
