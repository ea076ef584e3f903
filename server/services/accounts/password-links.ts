import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { SqlExecutor } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import { addressGroup } from "@/server/lib/ip";
import { parseWith } from "@/server/lib/parse";
import type { Context, RequestOrigin, Role } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { countAttempt } from "./attempts";
import { type PasswordLink, passwordLinkUse } from "./contract";
import { storePassword } from "./passwords";

/** Validity in hours: long enough to be opened after a weekend, and limited so that an old link is useless. */
const HOURS = { invite: 7 * 24, reset: 24 } as const;

const PREFIX = "password-link:";
/** A token has 256 random bits and cannot be guessed; the limit protects PostgreSQL from floods. */
const MAX_PER_ADDRESS = 30;

const identifierOf = (token: string) => PREFIX + createHash("sha256").update(token).digest("base64url");

/** Creates a password link; an earlier one of the user ends. */
export async function makePasswordLink(
  ctx: Context,
  tx: SqlExecutor,
  userId: string,
  purpose: keyof typeof HOURS,
): Promise<PasswordLink> {
  await endPasswordLinks(tx, userId);
  const token = randomBytes(32).toString("base64url");
  const expires_at = new Date(ctx.now().getTime() + HOURS[purpose] * 3_600_000).toISOString();
  await tx`
    insert into verification (id, identifier, value, expires_at)
    values (${randomUUID()}, ${identifierOf(token)}, ${userId}, ${expires_at})`;
  return { token, expires_at };
}

export async function endPasswordLinks(tx: SqlExecutor, userId: string): Promise<void> {
  await tx`delete from verification where value = ${userId} and identifier like ${`${PREFIX}%`}`;
}

const notValid = () => new AppError("account.link_invalid", {});

/** Returns the email of the user that a link belongs to. @throws AppError NOT_FOUND, TOO_MANY_REQUESTS */
export async function readPasswordLink(
  ctx: Context,
  token: string,
  from: RequestOrigin,
): Promise<{ email: string; role: Role; expires_at: string }> {
  await countLinkAttempt(ctx, from);
  const [found] = await ctx.db.sql<{ email: string; role: Role; expires_at: string }[]>`
    select u.email, u.role, v.expires_at
    from verification v
    join "user" u
      on u.id = v.value
        and u.disabled_at is null
        and (u.expires_at is null or u.expires_at > ${ctx.now().toISOString()})
    where v.identifier = ${identifierOf(token)} and v.expires_at > ${ctx.now().toISOString()}`;
  if (!found) throw notValid();
  return found;
}

/**
 * Sets the user's password and invalidates the link. All sessions of the user end.
 * @throws AppError NOT_FOUND, UNPROCESSABLE for a password too short or too long, TOO_MANY_REQUESTS
 */
export async function usePasswordLink(
  ctx: Context,
  input: Readonly<Record<string, unknown>>,
  from: RequestOrigin,
): Promise<{ email: string }> {
  await countLinkAttempt(ctx, from);
  const { token, password } = parseWith(passwordLinkUse, input);
  return await ctx.db.sql.begin(async (tx) => {
    const [used] = await tx<{ id: string; email: string }[]>`
      delete from verification v
      using "user" u
      where v.identifier = ${identifierOf(token)}
        and v.expires_at > ${ctx.now().toISOString()}
        and u.id = v.value
        and u.disabled_at is null
        and (u.expires_at is null or u.expires_at > ${ctx.now().toISOString()})
      returning u.id, u.email`;
    if (!used) throw notValid();
    await storePassword(tx, used.id, password);
    await tx`delete from session where user_id = ${used.id}`;
    await recordAudit(ctx, { kind: "user", id: used.id, name: used.email, from }, "user.set-password", {}, tx);
    return { email: used.email };
  });
}

async function countLinkAttempt(ctx: Context, { address }: RequestOrigin): Promise<void> {
  await countAttempt(ctx, `password-link:address:${addressGroup(address ?? "unknown")}`, MAX_PER_ADDRESS);
}
