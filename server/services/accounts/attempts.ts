import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

/** A fixed window: it starts with the first try, and those that are refused do not make it longer. */
const WINDOW_SECONDS = 600;

/** Tries of one person, or of one address at one account. */
export const MAX_TRIES = 10;

/**
 * Counts a try under `key`, before it is made and in one statement, so that tries at the same moment
 * cannot pass together. Counts are in PostgreSQL, so they hold over all web processes.
 * @param max tries in ten minutes
 * @param onLimit called for the first of them that is refused
 * @throws AppError TOO_MANY_REQUESTS with the seconds until the window ends, when `max` were made
 */
export async function countAttempt(
  ctx: Context,
  key: string,
  max: number,
  onLimit?: () => Promise<void>,
): Promise<void> {
  refuseKnown(ctx, key);
  const now = ctx.now().getTime();
  const windowStart = now - WINDOW_SECONDS * 1000;
  const [row] = await ctx.db.sql<{ count: number; started_at: string }[]>`
    insert into rate_limit as counted (id, key, count, last_request)
    values (gen_random_uuid()::text, ${key}, 1, ${now})
    on conflict (key) do update set
      count = case when counted.last_request <= ${windowStart} then 1 else counted.count + 1 end,
      last_request = case when counted.last_request <= ${windowStart} then ${now} else counted.last_request end
    returning count, last_request as started_at`;
  if (!row) return;
  if (row.count <= max) return;
  if (row.count === max + 1) await onLimit?.();
  const windowEnd = Number(row.started_at) + WINDOW_SECONDS * 1000;
  rememberRefusal(ctx, key, { windowEnd, until: Math.min(windowEnd, now + REFUSED_MS) });
  throw tooMany(windowEnd - now);
}

/**
 * Costs next to nothing, and counts nothing.
 * @throws AppError TOO_MANY_REQUESTS when a try under `key` was refused a moment ago
 */
export function refuseKnown(ctx: Context, key: string): void {
  const now = ctx.now().getTime();
  const known = refusals(ctx).get(key);
  if (known && now < known.until) throw tooMany(known.windowEnd - now);
}

/** So long a refusal is known without asking PostgreSQL: a flood of tries must not become one of statements. */
const REFUSED_MS = 2_000;
const MAX_REFUSALS = 10_000;

interface Refusal {
  readonly windowEnd: number;
  readonly until: number;
}

const refused = new WeakMap<Context, Map<string, Refusal>>();

function refusals(ctx: Context): Map<string, Refusal> {
  const existing = refused.get(ctx);
  if (existing) return existing;
  const made = new Map<string, Refusal>();
  refused.set(ctx, made);
  return made;
}

function rememberRefusal(ctx: Context, key: string, refusal: Refusal): void {
  const known = refusals(ctx);
  if (known.size >= MAX_REFUSALS) known.clear();
  known.set(key, refusal);
}

/** @param left milliseconds until the window ends */
function tooMany(left: number): AppError {
  const retryAfter = Math.max(1, Math.ceil(left / 1000));
  return new AppError("TOO_MANY_REQUESTS", `Too many attempts. Try again in ${inWords(retryAfter)}.`, { retryAfter });
}

/** Forgets the tries of windows that have ended; about once a minute by any worker. */
export async function forgetEndedWindows(ctx: Context): Promise<void> {
  await ctx.db.sql`delete from rate_limit where last_request <= ${ctx.now().getTime() - WINDOW_SECONDS * 1000}`;
}

/** Takes one try under `key` back. */
export async function returnAttempt(ctx: Context, key: string): Promise<void> {
  await ctx.db.sql`update rate_limit set count = count - 1 where key = ${key} and count > 0`;
}

/** Forgets the tries under `key`. */
export async function forgetAttempts(ctx: Context, key: string): Promise<void> {
  refusals(ctx).delete(key);
  await ctx.db.sql`delete from rate_limit where key = ${key}`;
}

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}
