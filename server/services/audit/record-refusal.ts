import type { ErrorKind } from "@/server/catalog/errors";
import { toAppError, toErrorValue } from "@/server/lib/errors";
import { within } from "@/server/lib/within";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import type { AuditAction } from "./contract";
import { insertAudit } from "./record-audit";

/** Refusals that are not recorded: empty requests, anonymous ones, and those too frequent for a row each. */
const UNRECORDED = new Set<ErrorKind>([
  "UNAUTHORIZED",
  "BAD_REQUEST",
  "METHOD_NOT_ALLOWED",
  "UNSUPPORTED_MEDIA_TYPE",
  "TOO_LARGE",
  "TOO_MANY_REQUESTS",
]);

/** Input fields that are secrets, contain one, or are personal data. */
const SECRETS = new Set(["password", "current", "next", "secret", "token", "url", "payload"]);

const HIDDEN = "***";

const MAX_INPUT_LENGTH = 2_000;

/** Refusals recorded per principal, minute and process. Audit rows are never deleted. */
const MAX_PER_MINUTE = 20;
const MINUTE_MS = 60_000;
/** The maximum time that a response waits for the record, which is then written later. */
const MAX_DELAY_MS = 1_000;

interface Refusals {
  readonly minute: number;
  readonly counts: Map<string, number>;
}

// One per process, although Next.js bundles this module once per route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleRefusals?: WeakMap<object, Refusals> };

/** Counts a refusal of a principal. @returns the number in the current minute, this one included */
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
 * Records a denied or failed request with its reason. When the record cannot be written, the failure is only logged and
 * the caller's response is unaffected. The last entry of a principal in a minute states that further refusals are not
 * recorded.
 * @param input as received; secrets are removed
 */
export async function recordRefusal(
  ctx: Context,
  principal: Principal,
  action: AuditAction,
  input: unknown,
  thrown: unknown,
): Promise<void> {
  const error = toAppError(thrown);
  if (UNRECORDED.has(error.kind)) return;
  const count = countRefusal(ctx, principal);
  if (count > MAX_PER_MINUTE) return;
  const more = count === MAX_PER_MINUTE ? { further_refusals: "not_recorded" } : {};
  const result = error.kind === "INTERNAL" || error.kind === "UNAVAILABLE" ? "failed" : "refused";
  const details = { ...shownInput(input), reason: toErrorValue(error), ...more };
  const recording = insertAudit(ctx.db.sql, principal, exactAction(action, input), result, details).catch(
    (failure: unknown) => ctx.log.warn({ err: failure, action, result }, "refusal not recorded"),
  );
  await within(recording, MAX_DELAY_MS);
}

/** One request pauses or resumes a queue; which of them, its input states. */
function exactAction(action: AuditAction, input: unknown): AuditAction {
  if (action !== "queue.change" || typeof input !== "object" || input === null) return action;
  if (("paused" in input && input.paused === true) || ("action" in input && input.action === "pause"))
    return "queue.pause";
  if (("paused" in input && input.paused === false) || ("action" in input && input.action === "resume")) {
    return "queue.resume";
  }
  return action;
}

function shownInput(input: unknown): object {
  const text = JSON.stringify(input, (key, value: unknown) => (SECRETS.has(key) ? HIDDEN : value)) ?? "{}";
  if (text.length > MAX_INPUT_LENGTH) return { input_characters: text.length };
  const shown: unknown = JSON.parse(text);
  return typeof shown === "object" && shown !== null && !Array.isArray(shown) ? shown : { input: shown };
}
