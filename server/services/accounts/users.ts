import { randomUUID } from "node:crypto";
import type { SqlExecutor } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import { parseWith } from "@/server/lib/parse";
import { COMMAND_LINE, type Context, type Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { lockAdmins } from "./admins";
import { type Invitation, type UserInput, userInput, userWithPassword } from "./contract";
import { makePasswordLink } from "./password-links";
import { randomPassword, storePassword } from "./passwords";

/**
 * Creates a user with email and password.
 * @throws AppError UNPROCESSABLE for an invalid email, password or role, CONFLICT when the email is taken
 */
export async function createUser(
  ctx: Context,
  input: UserInput & { password: string },
  by: Principal = COMMAND_LINE,
): Promise<{ id: string; email: string }> {
  const { password, ...user } = parseWith(userWithPassword, input);
  return await ctx.db.sql.begin(async (tx) => {
    const created = await insertUser(tx, user);
    await storePassword(tx, created.id, password);
    await recordAudit(ctx, by, "user.create", { user_id: created.id, ...user }, tx);
    return created;
  });
}

/**
 * Creates a user without a password, and the link that sets one. No email is sent; the administrator passes the link
 * on.
 * @throws AppError UNPROCESSABLE for an invalid email or role, CONFLICT when the email is taken
 */
export async function inviteUser(ctx: Context, input: UserInput, by: Principal): Promise<Invitation> {
  const user = parseWith(userInput, input);
  return await ctx.db.sql.begin(async (tx) => {
    const created = await insertUser(tx, user);
    const link = await makePasswordLink(ctx, tx, created.id, "invite");
    await recordAudit(ctx, by, "user.create", { user_id: created.id, ...user, expires_at: link.expires_at }, tx);
    return { ...created, link };
  });
}

/**
 * Creates the first administrator from ADMIN_EMAIL and ADMIN_PASSWORD, with a random password if none is set. Safe to
 * call from several processes at once.
 * @returns the credentials, only this once; null when a user exists
 */
export async function ensureFirstAdmin(ctx: Context): Promise<{ email: string; password: string } | null> {
  return await ctx.db.sql.begin(async (tx) => {
    await lockAdmins(tx);
    const existing = await tx`select 1 from "user" limit 1`;
    if (existing.length > 0) return null;
    const password = ctx.config.adminPassword ?? randomPassword();
    const user = parseWith(userInput, { email: ctx.config.adminEmail, role: "admin" });
    const { id, email } = await insertUser(tx, user);
    await storePassword(tx, id, password);
    await recordAudit(ctx, COMMAND_LINE, "user.create", { user_id: id, ...user }, tx);
    return { email, password };
  });
}

async function insertUser(tx: SqlExecutor, { email, role }: UserInput) {
  const id = randomUUID();
  const inserted = await tx`
    insert into "user" (id, name, email, role, email_verified)
    values (${id}, ${email.slice(0, email.indexOf("@"))}, ${email}, ${role}, true)
    on conflict (email) do nothing`;
  if (inserted.count === 0) throw new AppError("account.email_taken", { email });
  return { id, email };
}
