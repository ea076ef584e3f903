import { createHash, randomBytes } from "node:crypto";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import { parseWith } from "@/server/lib/parse";
import { COMMAND_LINE, type Context, type Principal, type Role } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { type ApiKey, type ApiKeyInput, apiKeyInput, type CreatedApiKey } from "./contract";
import { includesRole } from "./permissions";

/** Lets users and secret scanners recognize a key. */
export const KEY_PREFIX = "lbk_";

const hashOf = (key: string) => createHash("sha256").update(key).digest("hex");

/**
 * Creates an API key. The key has 256 random bits, so SHA-256 is a sufficient hash. It is returned only here.
 * @throws AppError UNPROCESSABLE for an invalid input, FORBIDDEN for a role above the creator's
 */
export async function createApiKey(
  ctx: Context,
  input: ApiKeyInput,
  by: Principal = COMMAND_LINE,
): Promise<CreatedApiKey> {
  const { name, role, expires_days: expiresDays } = parseWith(apiKeyInput, input);
  if (!includesRole(by.role, role)) throw new AppError("api_key.role_too_high", { role, own: by.role });
  const key = KEY_PREFIX + randomBytes(32).toString("base64url");
  const expiresAt = expiresDays === null ? null : new Date(ctx.now().getTime() + expiresDays * 86_400_000);
  const prefix = key.slice(0, KEY_PREFIX.length + 4);
  return await ctx.db.sql.begin(async (tx) => {
    const [row] = await tx<{ id: string }[]>`
    insert into api_keys (name, role, prefix, key_hash, created_at, created_by, owner_id, expires_at)
    values (
      ${name}, ${role}, ${prefix}, ${hashOf(key)},
      ${ctx.now().toISOString()}, ${by.name}, ${by.kind === "user" ? by.id : null},
      ${expiresAt?.toISOString() ?? null}
    )
    returning id`;
    if (!row) throw new Error("insert into api_keys returned no row");
    const details = { key_id: row.id, name, role, prefix, expires_at: expiresAt?.toISOString() ?? null };
    await recordAudit(ctx, by, "api-key.create", details, tx);
    return { id: row.id, key };
  });
}

/** Lists all keys, newest first, including revoked and expired ones. */
export async function listApiKeys(ctx: Context): Promise<ApiKey[]> {
  const rows = await ctx.db.read.$client<ApiKey[]>`
    select
      id, name, role, prefix, created_at, created_by, expires_at, last_used_at, revoked_at,
      owner_id is not null and not exists (
        select from "user"
        where "user".id = owner_id
          and disabled_at is null
          and ("user".expires_at is null or "user".expires_at > ${ctx.now().toISOString()})
      ) as is_ownerless
    from api_keys
    order by created_at desc, id`;
  return rows.map((row) => ({
    ...row,
    created_at: toIsoMicroseconds(row.created_at),
    expires_at: row.expires_at && toIsoMicroseconds(row.expires_at),
    last_used_at: row.last_used_at && toIsoMicroseconds(row.last_used_at),
    revoked_at: row.revoked_at && toIsoMicroseconds(row.revoked_at),
  }));
}

/** Revokes a key immediately. @throws AppError NOT_FOUND when there is no such active key */
export async function revokeApiKey(ctx: Context, id: string, by: Principal = COMMAND_LINE): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const [revoked] = await tx<{ name: string; role: Role; prefix: string }[]>`
      update api_keys set revoked_at = ${ctx.now().toISOString()}
      where id::text = ${id} and revoked_at is null
      returning name, role, prefix`;
    if (!revoked) throw new AppError("api_key.not_found", {});
    await recordAudit(ctx, by, "api-key.revoke", { key_id: id, ...revoked }, tx);
  });
}

/**
 * Returns the principal of a key; null for a key that is unknown, expired or revoked, or whose creator is disabled,
 * expired or deleted. Its role never exceeds the creator's.
 */
export async function principalOfKey(ctx: Context, key: string): Promise<Principal | null> {
  const now = ctx.now().toISOString();
  const [row] = await ctx.db.sql<{ id: string; name: string; role: Role; owner_role: Role; unmarked: boolean }[]>`
    select key.id, key.name, key.role, coalesce(owner.role, key.role) as owner_role,
      last_used_at is null or last_used_at < ${now}::timestamptz - interval '1 minute' as unmarked
    from api_keys key
    left join "user" owner
      on owner.id = key.owner_id
        and owner.disabled_at is null
        and (owner.expires_at is null or owner.expires_at > ${now})
    where key_hash = ${hashOf(key)}
      and (key.owner_id is null or owner.id is not null)
      and revoked_at is null
      and (key.expires_at is null or key.expires_at > ${now})`;
  if (!row) return null;
  if (row.unmarked) markUsed(ctx, row.id, now);
  const role = includesRole(row.owner_role, row.role) ? row.role : row.owner_role;
  return { kind: "api_key", id: row.id, name: row.name, role };
}

/** Records the last use, at most once a minute and outside the request, so that a heavily used key rarely writes. */
function markUsed(ctx: Context, id: string, now: string): void {
  ctx.db.sql`
    update api_keys set last_used_at = ${now}
    where id = ${id}
      and (last_used_at is null or last_used_at < ${now}::timestamptz - interval '1 minute')
  `.catch((error: unknown) => ctx.log.warn({ err: error, key: id }, "last use of an API key not recorded"));
}
