import { AppError, causeCode } from "@/server/lib/errors";
import { addressGroup } from "@/server/lib/ip";
import { within } from "@/server/lib/within";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { addCounts } from "./add-counts";

const WINDOW_MS = 60_000;
/** The interval at which a process synchronizes its counts with the others. */
const SYNC_INTERVAL_MS = 1_000;
/** The time that the first request of a window waits for the shared counts before it proceeds without them. */
const SYNC_TIMEOUT_MS = 250;

/** Kinds of requests with separate limits, in requests per minute. */
export type Limited = "intake" | "exports";

interface Count {
  /** The requests of all processes as of the last synchronization. */
  shared: number;
  /** The requests of this process since then. */
  own: number;
}

interface Counts {
  window: number;
  readonly counts: Map<string, Count>;
  syncedAt: number;
  syncing: Promise<void> | undefined;
}

// One per process, although Next.js bundles this module once per route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleRates?: WeakMap<Context, Counts> };

/**
 * Counts a request against the limits of its principal and of its address (an IPv6 /64), in fixed one-minute windows
 * over all processes. Counts are held in memory and synchronized by one statement a second, so that a request adds no
 * query; the limit can be exceeded by at most one second of requests.
 * @throws AppError TOO_MANY_REQUESTS with the seconds until the window ends
 */
export async function countRequest(ctx: Context, kind: Limited, principal: Principal, headers: Headers): Promise<void> {
  const max = ctx.config.limits[kind];
  if (max === 0) return;
  const now = ctx.now().getTime();
  const counts = countsOf(ctx, Math.floor(now / WINDOW_MS));
  const found = subjectsOf(principal, headers).map((subject) => countOf(counts, `${kind}:${subject}`));
  const isNew = found.some(({ shared, own }) => shared + own === 0);
  for (const count of found) count.own++;
  if (isNew) {
    const shared = Promise.resolve(counts.syncing).then(() => sync(ctx, counts));
    await within(shared, SYNC_TIMEOUT_MS);
  } else if (now - counts.syncedAt >= SYNC_INTERVAL_MS) void sync(ctx, counts);
  if (found.some(({ shared, own }) => shared + own > max)) throw tooMany(kind, max, counts.window, now);
}

function countsOf(ctx: Context, window: number): Counts {
  holder.__batchConsoleRates ??= new WeakMap();
  const existing = holder.__batchConsoleRates.get(ctx);
  if (existing?.window === window) return existing;
  const counts: Counts = { window, counts: new Map(), syncedAt: 0, syncing: undefined };
  holder.__batchConsoleRates.set(ctx, counts);
  return counts;
}

function countOf({ window, counts }: Counts, subject: string): Count {
  const key = `${subject}:${window}`;
  const existing = counts.get(key);
  if (existing) return existing;
  const count = { shared: 0, own: 0 };
  counts.set(key, count);
  return count;
}

function subjectsOf(principal: Principal, headers: Headers): string[] {
  const address = headers.get("x-forwarded-for");
  return [principalKey(principal), ...(address === null ? [] : [`address:${addressGroup(address)}`])];
}

/** Synchronizes this process's counts with PostgreSQL; one call at a time. */
function sync(ctx: Context, counts: Counts): Promise<void> {
  counts.syncing ??= syncOnce(ctx, counts)
    .catch((error: unknown) => ctx.log.debug({ code: causeCode(error) }, "request counts could not be synchronized"))
    .finally(() => {
      counts.syncing = undefined;
      counts.syncedAt = ctx.now().getTime();
    });
  return counts.syncing;
}

async function syncOnce(ctx: Context, { counts }: Counts): Promise<void> {
  const sent = new Map([...counts].filter(([, { own }]) => own > 0).map(([key, { own }]) => [key, own]));
  for (const { key, total } of await addCounts(ctx, sent)) {
    const count = counts.get(key);
    if (!count) continue;
    count.own -= sent.get(key) ?? 0;
    count.shared = total;
  }
}

function tooMany(kind: Limited, max: number, window: number, now: number): AppError {
  const retryAfter = Math.max(1, Math.ceil(((window + 1) * WINDOW_MS - now) / 1_000));
  return new AppError(`rate.${kind}`, { max, seconds: retryAfter }, { retryAfter });
}
