import { setTimeout as sleep } from "node:timers/promises";
import { addressGroup } from "@/server/lib/address-group";
import { AppError, causeCode } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { addCounts } from "./add-counts";

const WINDOW_MS = 60_000;
/** So often a process tells the others what it counted, and hears what they did. */
const SHARE_MS = 1_000;
/** So long the first request of a window waits for what others counted; with the database away it goes on without. */
const PATIENCE_MS = 250;

/** What has a limit, in requests a minute, of its own. */
export type Limited = "intake" | "exports";

interface Count {
  /** Over all processes, as of the last sharing. */
  shared: number;
  /** Of this process since. */
  own: number;
}

interface Counts {
  window: number;
  readonly counts: Map<string, Count>;
  sharedAt: number;
  sharing: Promise<void> | undefined;
}

// One a process, whatever Next bundles anew for each route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleRates?: WeakMap<Context, Counts> };

/**
 * Counts a request against the limits of who sends it and of the address it comes from (an IPv6 /64), in fixed
 * windows of a minute over all processes. They are counted in memory and shared by one statement a second, so that
 * a request costs nothing: processes together let pass at most what comes within a second too much.
 * @throws AppError TOO_MANY_REQUESTS with the seconds until the window ends
 */
export async function countRequest(ctx: Context, kind: Limited, principal: Principal, headers: Headers): Promise<void> {
  const most = ctx.config.limits[kind];
  if (most === 0) return;
  const now = ctx.now().getTime();
  const counts = countsOf(ctx, Math.floor(now / WINDOW_MS));
  const found = subjectsOf(principal, headers).map((subject) => countOf(counts, `${kind}:${subject}`));
  const isNew = found.some(({ shared, own }) => shared + own === 0);
  for (const count of found) count.own++;
  if (isNew) {
    const shared = Promise.resolve(counts.sharing).then(() => share(ctx, counts));
    await Promise.race([shared, sleep(PATIENCE_MS)]);
  } else if (now - counts.sharedAt >= SHARE_MS) void share(ctx, counts);
  if (found.some(({ shared, own }) => shared + own > most)) throw tooMany(kind, most, counts.window, now);
}

function countsOf(ctx: Context, window: number): Counts {
  holder.__batchConsoleRates ??= new WeakMap();
  const existing = holder.__batchConsoleRates.get(ctx);
  if (existing?.window === window) return existing;
  const counts: Counts = { window, counts: new Map(), sharedAt: 0, sharing: undefined };
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

/** Adds what this process counted to what all did; one at a time. */
function share(ctx: Context, counts: Counts): Promise<void> {
  counts.sharing ??= shareOnce(ctx, counts)
    .catch((error: unknown) => ctx.log.debug({ code: causeCode(error) }, "request counts could not be shared"))
    .finally(() => {
      counts.sharing = undefined;
      counts.sharedAt = ctx.now().getTime();
    });
  return counts.sharing;
}

async function shareOnce(ctx: Context, { counts }: Counts): Promise<void> {
  const sent = new Map([...counts].filter(([, { own }]) => own > 0).map(([key, { own }]) => [key, own]));
  for (const { key, total } of await addCounts(ctx, sent)) {
    const count = counts.get(key);
    if (!count) continue;
    count.own -= sent.get(key) ?? 0;
    count.shared = total;
  }
}

function tooMany(kind: Limited, most: number, window: number, now: number): AppError {
  const retryAfter = Math.max(1, Math.ceil(((window + 1) * WINDOW_MS - now) / 1_000));
  const what = kind === "intake" ? "intake requests; send more events in each" : "exports";
  return new AppError("TOO_MANY_REQUESTS", `At most ${most} a minute: ${what}. Go on in ${retryAfter} s.`, {
    retryAfter,
  });
}
