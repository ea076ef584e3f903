import { createHmac } from "node:crypto";
import { derivedKey } from "@/server/lib/derived-key";
import type { Context, Principal } from "@/server/process/context";
import { noteCount } from "@/server/process/counts";
import type { Cache } from "./cache";
import { hasChanged } from "./change-marks";

/** A page of the usual size; larger answers are exports in pages, which nobody asks for twice. */
const LONGEST_TEXT = 64 * 1024;

/** Questions under way in this process, so that a hundred readers of one page ask PostgreSQL once. */
const underWay = new WeakMap<Cache, Map<string, Promise<unknown>>>();

/**
 * What `load` answers, or what it answered to the same question in the last `seconds` (at most 30). One who has
 * changed something in the last minute always gets it fresh.
 * @param question JSON; the same question must have the same answer whoever asks
 */
export async function sharedRead<T extends object>(
  ctx: Context,
  principal: Principal,
  question: readonly unknown[],
  seconds: number,
  load: () => Promise<T>,
): Promise<T> {
  if (await hasChanged(ctx, principal)) return await load();
  const key = createHmac("sha256", derivedKey(ctx.secret, "cache keys"))
    .update(JSON.stringify(question))
    .digest("base64url");
  const known = await ctx.cache.get(key);
  noteCount(known === undefined ? "cache_miss" : "cache_hit");
  if (known !== undefined) return JSON.parse(known) as T;
  const others = underWay.get(ctx.cache) ?? new Map<string, Promise<unknown>>();
  underWay.set(ctx.cache, others);
  const asked = others.get(key) as Promise<T> | undefined;
  if (asked) return await asked;
  const answer = load();
  others.set(key, answer);
  try {
    const text = JSON.stringify(await answer);
    if (text.length <= LONGEST_TEXT) await ctx.cache.set(key, text, seconds);
    return await answer;
  } finally {
    others.delete(key);
  }
}
