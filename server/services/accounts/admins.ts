import { LOCKS } from "@/server/db/advisory-locks";
import type { SqlExecutor } from "@/server/db/client";
import { lockTransaction } from "@/server/db/silent-sessions";
import { AppError } from "@/server/lib/errors";

/** Serializes changes that add or remove an administrator. Held until the transaction ends. */
export async function lockAdmins(tx: SqlExecutor): Promise<void> {
  await lockTransaction(tx, LOCKS.admins);
}

/**
 * Rejects the removal of the last administrator who can sign in without an end. Call it under lockAdmins, so that of two concurrent
 * removals the second sees the first.
 * @throws AppError CONFLICT
 */
export async function requireAnotherAdmin(tx: SqlExecutor, userId: string): Promise<void> {
  const admins = await tx<{ id: string }[]>`
    select u.id
    from "user" u
    join account a on a.user_id = u.id and a.provider_id = 'credential' and a.password is not null
    where u.role = 'admin' and u.disabled_at is null and u.expires_at is null`;
  if (admins.some(({ id }) => id !== userId) || !admins.some(({ id }) => id === userId)) return;
  throw new AppError("account.last_admin", {});
}
