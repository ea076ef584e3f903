import type { Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal, Role } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { lockAdmins, requireAnotherAdmin } from "./admins";
import type { PasswordReset, User } from "./contract";
import { expiryOf } from "./expiry";
import { endPasswordLinks, makePasswordLink } from "./password-links";
import { randomPassword, storePassword } from "./passwords";

/** Lists all users by email. */
export async function listUsers(ctx: Context): Promise<User[]> {
  const now = ctx.now().toISOString();
  const rows = await ctx.db.read.$client<User[]>`
    select
      u.id, u.email, u.role, u.created_at, u.disabled_at, u.expires_at,
      exists (
        select from account a
        where a.user_id = u.id and a.provider_id = 'credential' and a.password is not null
      ) as has_password,
      (
        select max(v.expires_at) from verification v
        where v.value = u.id and v.expires_at > ${now}
      ) as link_expires_at,
      own.last_seen_at,
      own.sessions
    from "user" u
    cross join lateral (
      select max(s.last_seen_at) as last_seen_at, count(*)::int as sessions
      from session s
      where s.user_id = u.id and s.expires_at > ${now}
    ) own
    order by u.email`;
  return rows.map((row) => ({
    ...row,
    created_at: toIsoMicroseconds(row.created_at),
    disabled_at: row.disabled_at && toIsoMicroseconds(row.disabled_at),
    expires_at: row.expires_at && toIsoMicroseconds(row.expires_at),
    link_expires_at: row.link_expires_at && toIsoMicroseconds(row.link_expires_at),
    last_seen_at: row.last_seen_at && toIsoMicroseconds(row.last_seen_at),
  }));
}

/** Changes a role; it applies from the next request. @throws AppError NOT_FOUND, CONFLICT for the last administrator */
export async function changeRole(ctx: Context, id: string, role: Role, by: Principal): Promise<void> {
  await change(ctx, id, async (tx, user) => {
    if (user.role === role) return;
    if (role !== "admin") await requireAnotherAdmin(tx, id);
    await tx`update "user" set role = ${role}, updated_at = now() where id = ${id}`;
    await recordAudit(ctx, by, "user.change-role", { ...named(user), from: user.role, to: role }, tx);
  });
}

/**
 * Changes the last day of access; null removes it. Access ends by itself, also that of the user's sessions and keys.
 * @throws AppError NOT_FOUND, UNPROCESSABLE for a day in the past, CONFLICT for oneself and the last administrator
 */
export async function changeExpiry(ctx: Context, id: string, day: string | null, by: Principal): Promise<void> {
  requireOtherUser(id, by, "expire");
  const expiresAt = expiryOf(ctx, day);
  await change(ctx, id, async (tx, user) => {
    if (expiresAt !== null) await requireAnotherAdmin(tx, id);
    await tx`update "user" set expires_at = ${expiresAt}, updated_at = now() where id = ${id}`;
    await recordAudit(ctx, by, "user.change-expiry", { ...named(user), expires_at: expiresAt }, tx);
  });
}

/**
 * Disables a user; sessions and links end immediately.
 * @throws AppError NOT_FOUND, CONFLICT for oneself and the last administrator
 */
export async function disableUser(ctx: Context, id: string, by: Principal): Promise<void> {
  requireOtherUser(id, by, "disable");
  await change(ctx, id, async (tx, user) => {
    if (user.disabled_at !== null) return;
    await requireAnotherAdmin(tx, id);
    await tx`update "user" set disabled_at = ${ctx.now().toISOString()}, updated_at = now() where id = ${id}`;
    await endAccess(tx, id);
    await recordAudit(ctx, by, "user.disable", named(user), tx);
  });
}

/** @throws AppError NOT_FOUND */
export async function enableUser(ctx: Context, id: string, by: Principal): Promise<void> {
  await change(ctx, id, async (tx, user) => {
    if (user.disabled_at === null) return;
    await tx`update "user" set disabled_at = null, updated_at = now() where id = ${id}`;
    await recordAudit(ctx, by, "user.enable", named(user), tx);
  });
}

/** Deletes a user; audit entries remain. @throws AppError NOT_FOUND, CONFLICT for oneself and the last administrator */
export async function deleteUser(ctx: Context, id: string, by: Principal): Promise<void> {
  requireOtherUser(id, by, "delete");
  await change(ctx, id, async (tx, user) => {
    await requireAnotherAdmin(tx, id);
    await endAccess(tx, id);
    await tx`delete from "user" where id = ${id}`;
    await recordAudit(ctx, by, "user.delete", { ...named(user), role: user.role }, tx);
  });
}

/**
 * Resets a password: the old one and all sessions end immediately, and the returned link sets a new one. For an invited
 * user, creates a new link.
 * @throws AppError NOT_FOUND, CONFLICT for oneself, a disabled user, and the last administrator
 */
export async function resetPassword(ctx: Context, id: string, by: Principal): Promise<PasswordReset> {
  requireOtherUser(id, by, "reset_password");
  return await change(ctx, id, async (tx, user) => {
    if (user.disabled_at !== null) throw new AppError("account.disabled", {});
    await requireAnotherAdmin(tx, id);
    await tx`update account set password = null where user_id = ${id} and provider_id = 'credential'`;
    await endAccess(tx, id);
    const link = await makePasswordLink(ctx, tx, id, "reset");
    await recordAudit(ctx, by, "user.reset-password", { ...named(user), expires_at: link.expires_at }, tx);
    return { email: user.email, link };
  });
}

/** Resets a password to a random one that is valid immediately, for an operator with shell access. */
export async function replacePassword(ctx: Context, id: string, by: Principal): Promise<{ password: string }> {
  return await change(ctx, id, async (tx, user) => {
    const password = randomPassword();
    await storePassword(tx, id, password);
    await endAccess(tx, id);
    await recordAudit(ctx, by, "user.reset-password", named(user), tx);
    return { password };
  });
}

/** Returns the id of the user with an email. @throws AppError NOT_FOUND */
export async function findUserId(ctx: Context, email: string): Promise<string> {
  const [found] = await ctx.db.sql<{ id: string }[]>`
    select id from "user" where email = ${email.trim().toLowerCase()}`;
  if (!found) throw new AppError("account.email_not_found", { email });
  return found.id;
}

interface ChangedUser {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly disabled_at: string | null;
}

/** Serialized, since whether an administrator remains depends on all users. */
async function change<T>(
  ctx: Context,
  id: string,
  work: (tx: Transaction, user: ChangedUser) => Promise<T>,
): Promise<T> {
  const done = await ctx.db.sql.begin(async (tx) => {
    await lockAdmins(tx);
    const [user] = await tx<ChangedUser[]>`select id, email, role, disabled_at from "user" where id = ${id}`;
    if (!user) throw new AppError("account.not_found", {});
    return { result: await work(tx, user) };
  });
  return done.result;
}

const named = ({ id, email }: ChangedUser) => ({ user_id: id, email });

async function endAccess(tx: Transaction, userId: string): Promise<void> {
  await endPasswordLinks(tx, userId);
  await tx`delete from session where user_id = ${userId}`;
}

function requireOtherUser(
  id: string,
  { kind, id: own }: Principal,
  action: "disable" | "delete" | "reset_password" | "expire",
): void {
  if (kind !== "user" || id !== own) return;
  throw new AppError("account.own_account", { action });
}
