import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { SqlExecutor } from "@/server/db/client";
import type { WhenAvailable } from "@/server/db/when-available";
import { AppError } from "@/server/lib/errors";
import { parseWith } from "@/server/lib/parse";
import { COMMAND_LINE, type Context, type Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { lockAdmins } from "./admins";
import { type Invitation, type UserInput, userInput, userWithPassword } from "./contract";
import { expiryOf } from "./expiry";
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
    const created = await insertUser(ctx, tx, user);
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
    const created = await insertUser(ctx, tx, user);
    const link = await makePasswordLink(ctx, tx, created.id, "invite");
    await recordAudit(ctx, by, "user.create", { user_id: created.id, ...user, expires_at: link.expires_at }, tx);
    return { ...created, link };
  });
}

/**
 * Creates the first administrator from ADMIN_EMAIL and ADMIN_PASSWORD, with a random password if none is set. Safe to
 * call from several processes at once.
 * @param whenAvailable retries a step while PostgreSQL is unavailable
 * @returns the credentials, only this once; null when a user exists
 */
export async function ensureFirstAdmin(
  ctx: Context,
  whenAvailable: WhenAvailable = (step) => step(),
): Promise<{ email: string; password: string } | null> {
  const id = randomUUID();
  const password = ctx.config.adminPassword ?? randomPassword();
  const user = parseWith(userInput, { email: ctx.config.adminEmail, role: "admin" });
  return await whenAvailable(() =>
    ctx.db.sql.begin(async (tx) => {
      await lockAdmins(tx);
      const [existing] = await tx<{ id: string }[]>`select id from "user" order by id = ${id} desc limit 1`;
      if (!existing) {
        await insertUser(ctx, tx, user, id);
        await storePassword(tx, id, password);
        await recordAudit(ctx, COMMAND_LINE, "user.create", { user_id: id, ...user }, tx);
      }
      // If the connection was lost during the commit, this process created the account.
      return !existing || existing.id === id ? { email: user.email, password } : null;
    }),
  );
}

async function insertUser(
  ctx: Context,
  tx: SqlExecutor,
  { email, role, expires_on }: z.output<typeof userInput>,
  id: string = randomUUID(),
) {
  const expiresAt = expiryOf(ctx, expires_on);
  const inserted = await tx`
    insert into "user" (id, name, email, role, email_verified, expires_at)
    values (${id}, ${email.slice(0, email.indexOf("@"))}, ${email}, ${role}, true, ${expiresAt})
    on conflict (email) do nothing`;
  if (inserted.count === 0) throw new AppError("account.email_taken", { email });
  return { id, email };
}
