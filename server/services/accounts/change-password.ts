import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import { parseWith } from "@/server/lib/parse";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { countAttempt, deleteAttempts, MAX_ATTEMPTS } from "./attempts";
import { type PasswordChange, passwordChange } from "./contract";
import { storePassword } from "./passwords";

/**
 * Changes the user's own password and ends all other sessions. Attempts are limited like sign-in attempts but counted
 * separately: an open browser cannot be used to guess the password, and guesses at sign-in do not block the change.
 * @throws AppError FORBIDDEN for an API key, UNPROCESSABLE that names `current` or `next`, TOO_MANY_REQUESTS
 */
export async function changePassword(ctx: Context, input: PasswordChange, by: Principal): Promise<void> {
  const { current, next } = parseWith(passwordChange, input);
  if (by.kind !== "user") throw new AppError("account.no_password", {});
  const { verifyPassword } = await import("better-auth/crypto");
  const attempts = `change-password:${by.id}`;
  await countAttempt(ctx, attempts, MAX_ATTEMPTS);
  const [stored] = await ctx.db.sql<{ password: string | null }[]>`
    select password from account where user_id = ${by.id} and provider_id = 'credential'`;
  if (!stored?.password || !(await verifyPassword({ hash: stored.password, password: current }))) {
    throw invalidInput([fieldError("current", "input.current_password", {})]);
  }
  if (next === current) throw invalidInput([fieldError("next", "input.same_password", {})]);
  await ctx.db.sql.begin(async (tx) => {
    await storePassword(tx, by.id, next);
    await tx`delete from session where user_id = ${by.id} and id <> ${by.sessionId ?? ""}`;
    await recordAudit(ctx, by, "user.change-password", {}, tx);
  });
  await deleteAttempts(ctx, attempts);
}
