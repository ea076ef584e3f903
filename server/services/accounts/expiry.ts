import { fieldError, invalidInput } from "@/server/lib/errors";
import { type Instant, parseRangeEnd } from "@/server/lib/time";
import type { Context } from "@/server/process/context";

/**
 * Returns the moment at which access ends: the end of a day in APP_TIMEZONE; null for never.
 * @throws AppError UNPROCESSABLE for a day in the past
 */
export function expiryOf({ config, now }: Pick<Context, "config" | "now">, day: string | null): Instant | null {
  if (day === null) return null;
  const end = parseRangeEnd(day, config.timeZone);
  if (end === undefined || Date.parse(end) <= now().getTime()) {
    throw invalidInput([fieldError("expires_on", "input.past_day", {})]);
  }
  return end;
}
