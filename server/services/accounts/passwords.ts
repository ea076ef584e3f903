import { randomInt, randomUUID } from "node:crypto";
import type { SqlExecutor } from "@/server/db/client";

/** Stores the password's hash as the user's credential. */
export async function storePassword(tx: SqlExecutor, userId: string, password: string): Promise<void> {
  const { hashPassword } = await import("better-auth/crypto");
  const hash = await hashPassword(password);
  const changed = await tx`
    update account set password = ${hash}, updated_at = now()
    where user_id = ${userId} and provider_id = 'credential'`;
  if (changed.count > 0) return;
  await tx`
    insert into account (id, account_id, provider_id, user_id, password)
    values (${randomUUID()}, ${userId}, 'credential', ${userId}, ${hash})`;
}

/** Generates 20 unambiguous characters, 99 bits. */
export function randomPassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const characters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]);
  return characters.join("").replace(/.{5}(?=.)/g, "$&-");
}
