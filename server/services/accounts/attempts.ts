import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

/** A fixed window that starts with the first attempt. Refused attempts do not extend it. */
const WINDOW_SECONDS = 600;

/** Maximum attempts of one user, or from one address for one account. */
export const MAX_ATTEMPTS = 10;

/**
 * Counts an attempt under `key` before it is made, in one statement, so that concurrent attempts cannot exceed the
 * limit. Counts are stored in PostgreSQL and apply to all web processes.
 * @param max attempts in ten minutes
 * @param onLimit called for the first refused attempt
 * @throws AppError TOO_MANY_REQUESTS with the seconds until the window ends, when `max` were made
 */
export async function countAttempt(
  ctx: Context,
  key: string,
  max: number,
  onLimit?: () => Promise<void>,
): Promise<void> {
  checkCachedRefusal(ctx, key);
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
  cacheRefusal(ctx, key, { windowEnd, until: Math.min(windowEnd, now + REFUSED_MS) });
  throw tooMany(windowEnd - now);
}

/**
 * Checks cached refusals, without counting.
 * @throws AppError TOO_MANY_REQUESTS when an attempt under `key` was refused recently
 */
export function checkCachedRefusal(ctx: Context, key: string): void {
  const now = ctx.now().getTime();
  const known = refusals(ctx).get(key);
  if (known && now < known.until) throw tooMany(known.windowEnd - now);
}

/** The cache lifetime of a refusal, so that a flood of attempts does not become a flood of statements. */
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
  const created = new Map<string, Refusal>();
  refused.set(ctx, created);
  return created;
}

function cacheRefusal(ctx: Context, key: string, refusal: Refusal): void {
  const known = refusals(ctx);
  if (known.size >= MAX_REFUSALS) known.clear();
  known.set(key, refusal);
}

/** @param left milliseconds until the window ends */
function tooMany(left: number): AppError {
  const retryAfter = Math.max(1, Math.ceil(left / 1000));
  if (retryAfter < 60) return new AppError("account.too_many_attempts", { seconds: retryAfter }, { retryAfter });
  return new AppError("account.too_many_attempts_minutes", { minutes: Math.ceil(retryAfter / 60) }, { retryAfter });
}

/** Deletes the attempts of windows that have ended. Run about once a minute by any worker. */
export async function deleteEndedWindows(ctx: Context): Promise<void> {
  await ctx.db.sql`delete from rate_limit where last_request <= ${ctx.now().getTime() - WINDOW_SECONDS * 1000}`;
}

/** Subtracts one attempt under `key`. */
export async function returnAttempt(ctx: Context, key: string): Promise<void> {
  await ctx.db.sql`update rate_limit set count = count - 1 where key = ${key} and count > 0`;
}

/** Deletes the attempts under `key`. */
export async function deleteAttempts(ctx: Context, key: string): Promise<void> {
  refusals(ctx).delete(key);
  await ctx.db.sql`delete from rate_limit where key = ${key}`;
}
