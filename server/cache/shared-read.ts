import { createHmac } from "node:crypto";
import { derivedKey } from "@/server/lib/derived-key";
import { shareReading } from "@/server/lib/share-reading";
import type { Context, Principal } from "@/server/process/context";
import { incrementCount } from "@/server/process/counts";
import { hasChanged } from "./change-marks";

/** Fits a page of the default size. Larger answers are pages of API exports, which are rarely read twice. */
const MAX_TEXT_LENGTH = 64 * 1024;

/**
 * Returns the result of `load`, or its cached result if the same query ran in the last `seconds` (at most 30). A
 * principal that changed data in the last minute always gets a fresh result.
 * @param load gets a signal that aborts when all callers that wait for its result have aborted
 * @param question JSON that identifies the query; the result must not depend on the caller
 */
export async function sharedRead<T extends object>(
  ctx: Context,
  principal: Principal,
  question: readonly unknown[],
  seconds: number,
  load: (signal?: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (await hasChanged(ctx, principal)) return await load(signal);
  const key = createHmac("sha256", derivedKey(ctx.secret, "cache keys"))
    .update(JSON.stringify(question))
    .digest("base64url");
  const cached = await ctx.cache.get(key);
  incrementCount(cached === undefined ? "cache_miss" : "cache_hit");
  if (cached !== undefined) return JSON.parse(cached) as T;
  const read = async (shared: AbortSignal) => {
    const answer = await load(shared);
    const text = JSON.stringify(answer);
    if (text.length <= MAX_TEXT_LENGTH) await ctx.cache.set(key, text, seconds);
    return answer;
  };
  return await shareReading(ctx.cache, key, read, { signal });
}
