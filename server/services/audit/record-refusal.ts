import type { Context, Principal } from "@/server/context";
import { type ErrorCode, toAppError } from "@/server/errors";
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

/**
 * Records that something was asked for and not done, with the reason. A record that cannot be written is told to
 * the log only: the caller gets the answer that it was going to get.
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
  const result = error.code === "INTERNAL" || error.code === "UNAVAILABLE" ? "failed" : "refused";
  try {
    await insertAudit(ctx.db.sql, principal, action, result, { ...shownInput(input), reason: error.message });
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
