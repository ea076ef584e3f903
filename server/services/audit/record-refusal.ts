import { type ErrorCode, toAppError } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import type { AuditAction } from "./actions";
import { insertAudit } from "./record-audit";

/** Requests that asked for nothing yet, those of nobody, and those so many that each would be a row. */
const UNRECORDED = new Set<ErrorCode>([
  "UNAUTHORIZED",
  "BAD_REQUEST",
  "METHOD_NOT_ALLOWED",
  "UNSUPPORTED_MEDIA_TYPE",
  "TOO_LARGE",
  "TOO_MANY_REQUESTS",
]);

/** Inputs that are secrets, hold one, or are somebody's data. */
const SECRETS = new Set(["password", "current", "next", "secret", "token", "url", "payload"]);

const LONGEST_INPUT = 2_000;

/** So many refusals of one principal are recorded in a minute by a process: each is a row that is never deleted. */
const MAX_A_MINUTE = 20;
const MINUTE_MS = 60_000;

interface Refusals {
  readonly minute: number;
  readonly counts: Map<string, number>;
}

// One a process, whatever Next bundles anew for each route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleRefusals?: WeakMap<object, Refusals> };

/** How many refusals of a principal were recorded in this minute, with this one. */
function countRefusal(ctx: Context, principal: Principal): number {
  holder.__batchConsoleRefusals ??= new WeakMap();
  const minute = Math.floor(ctx.now().getTime() / MINUTE_MS);
  const known = holder.__batchConsoleRefusals.get(ctx.db);
  const { counts } = known?.minute === minute ? known : { counts: new Map<string, number>() };
  holder.__batchConsoleRefusals.set(ctx.db, { minute, counts });
  const key = principalKey(principal);
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

/**
 * Records that something was asked for and not done, with the reason. A record that cannot be written is told to
 * the log only: the caller gets the answer that it was going to get. The last one that is recorded of a principal in
 * a minute says that no more are.
 * @param input as it came; secrets are left out
 */
export async function recordRefusal(
  ctx: Context,
  principal: Principal,
  action: AuditAction,
  input: unknown,
  thrown: unknown,
): Promise<void> {
  const error = toAppError(thrown);
  if (UNRECORDED.has(error.code)) return;
  const count = countRefusal(ctx, principal);
  if (count > MAX_A_MINUTE) return;
  const more = count === MAX_A_MINUTE ? { further_refusals: "not recorded within this minute" } : {};
  const result = error.code === "INTERNAL" || error.code === "UNAVAILABLE" ? "failed" : "refused";
  try {
    await insertAudit(ctx.db.sql, principal, action, result, { ...shownInput(input), reason: error.message, ...more });
  } catch (failure) {
    ctx.log.warn({ err: failure, action, result }, "a refusal could not be recorded");
  }
}

function shownInput(input: unknown): object {
  const text = JSON.stringify(input, (key, value: unknown) => (SECRETS.has(key) ? "(hidden)" : value)) ?? "{}";
  if (text.length > LONGEST_INPUT) return { input: `(${text.length} characters)` };
  // NUL is in no text that PostgreSQL stores.
  const shown: unknown = JSON.parse(text.replaceAll("\\u0000", "\\ufffd"));
  return typeof shown === "object" && shown !== null && !Array.isArray(shown) ? shown : { input: shown };
}
