import { sql } from "drizzle-orm";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { Segment } from "./segment";

/** Segments that this process found damaged. Their hours are dirty for it even if PostgreSQL rejects writes. */
export const damagedSegments = new Set<string>();

/** Makes the hours of a damaged segment dirty, so that it is written again. @returns the error for the caller */
export async function reportDamage(ctx: Context, segment: Segment, cause: unknown): Promise<AppError> {
  damagedSegments.add(segment.id);
  ctx.log.warn({ err: cause, segment: segment.path }, "a segment is damaged or missing; it will be written again");
  try {
    // The other client of a context that reads on behalf of users is read-only.
    await ctx.db.orm.execute(sql`
      update segment_hours set dirty_seq = nextval('segment_dirty_seq')
      where segment_id = ${segment.id}`);
  } catch (error) {
    ctx.log.warn({ err: error, segment: segment.path }, "could not mark the hours of a damaged segment");
  }
  return new AppError("columnar.segment_damaged", {}, { cause });
}
