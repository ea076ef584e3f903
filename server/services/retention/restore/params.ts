import { databaseNow } from "@/server/db/clock";
import { type AppError, fieldError, invalidInput } from "@/server/lib/errors";
import { type Instant, instantOf, parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { Period } from "../cleanup/expiry";
import type { RestoreInput } from "../contract";

const DAY_MS = 86_400_000;
/** Enough for an investigation; a longer time can be requested. */
const DEFAULT_DAYS_KEPT = 30;

/**
 * Validates the requested part of the archive, and until when the rows are retained, by PostgreSQL's clock; 30 days by
 * default.
 * @throws AppError UNPROCESSABLE that names the field
 */
export async function readRestoreParams(
  ctx: Context,
  { start_date, end_date, keep_until }: Omit<RestoreInput, "archive_id">,
): Promise<{ requested: Partial<Period>; keepUntil: Instant }> {
  const { timeZone } = ctx.config;
  const from = start_date === undefined ? undefined : parseRangeStart(start_date, timeZone);
  if (start_date !== undefined && from === undefined) throw invalidTime("start_date");
  const to = end_date === undefined ? undefined : parseRangeEnd(end_date, timeZone);
  if (end_date !== undefined && to === undefined) throw invalidTime("end_date");
  if (from !== undefined && to !== undefined && from >= to) throw refused("end_date", "before_start");
  const now = await databaseNow(ctx.db.sql);
  const keepUntil =
    keep_until === undefined
      ? instantOf(new Date(now.getTime() + DEFAULT_DAYS_KEPT * DAY_MS))
      : parseRangeEnd(keep_until, timeZone);
  if (keepUntil === undefined) throw invalidTime("keep_until");
  if (keepUntil <= instantOf(now)) throw refused("keep_until", "past");
  return { requested: { from, to }, keepUntil };
}

function invalidTime(path: string): AppError {
  return refused(path, "not_time");
}

function refused(path: string, problem: "not_time" | "before_start" | "past"): AppError {
  return invalidInput([fieldError(path, `input.${problem}`, {})]);
}
