import type { SqlExecutor } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";

/** Any number, as long as every process of this product uses the same. */
const ADMINS_LOCK = 7_120_516;

/** Held to the end of the transaction by whoever makes or takes away an administrator: one at a time. */
export async function lockAdmins(tx: SqlExecutor): Promise<void> {
  await tx`select pg_advisory_xact_lock(${ADMINS_LOCK})`;
}

/**
 * Refuses to take the last administrator who can sign in. Call it under lockAdmins: of two that would take each
 * other at the same moment, the second sees what the first did.
 * @throws AppError CONFLICT
 */
export async function requireAnotherAdmin(tx: SqlExecutor, userId: string): Promise<void> {
  const admins = await tx<{ id: string }[]>`
    select u.id
    from "user" u
    join account a on a.user_id = u.id and a.provider_id = 'credential' and a.password is not null
    where u.role = 'admin' and u.disabled_at is null`;
  if (admins.some(({ id }) => id !== userId) || !admins.some(({ id }) => id === userId)) return;
  throw new AppError("CONFLICT", "This is the last administrator who can sign in. Make another one first.");
}
