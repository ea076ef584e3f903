import type { Context, Principal } from "@/server/process/context";
import { KEY_PREFIX, principalOfKey } from "./api-keys";
import { findSession } from "./auth";
import { role } from "./contract";
import { requestOrigin } from "./request-origin";

/**
 * Returns the principal of a request: by `Authorization: Bearer KEY`, else by the session cookie. Nothing is cached, so
 * a revoked key, an ended session and a changed role apply from the next request. With an invalid key the cookie is
 * ignored.
 * @throws the database's error when it is unavailable
 */
export async function authenticate(ctx: Context, headers: Headers): Promise<Principal | null> {
  const principal = await findPrincipal(ctx, headers);
  return principal && { ...principal, from: requestOrigin(headers) };
}

async function findPrincipal(ctx: Context, headers: Headers): Promise<Principal | null> {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    return key === undefined ? null : principalOfKey(ctx, key);
  }
  const session = await findSession(ctx, headers);
  if (!session) return null;
  if (session.unmarked) markSeen(ctx, session.id);
  const { id: sessionId, user_id: id, email: name } = session;
  return { kind: "user", id, name, role: role.parse(session.role), sessionId };
}

/**
 * Returns the principal of a collector's request by its API key: `Bearer KEY`, `Basic` with the key as password or as
 * user, `ApiKey KEY` or `ApiKey` with the base64 of `id:KEY`, `Splunk KEY`. Cookies are ignored.
 * @throws the database's error when it is unavailable
 */
export async function authenticateCollector(ctx: Context, headers: Headers): Promise<Principal | null> {
  const key = collectorKey(headers.get("authorization") ?? "");
  const principal = key === undefined ? null : await principalOfKey(ctx, key);
  return principal && { ...principal, from: requestOrigin(headers) };
}

function collectorKey(authorization: string): string | undefined {
  const [, scheme = "", value = ""] = /^(Bearer|Basic|ApiKey|Splunk) +(\S+)$/i.exec(authorization) ?? [];
  if (value === "") return undefined;
  const isEncoded = /^(basic|apikey)$/i.test(scheme) && !value.startsWith(KEY_PREFIX);
  const text = isEncoded ? Buffer.from(value, "base64").toString("utf8") : value;
  return isEncoded ? text.split(":").find((part) => part.startsWith(KEY_PREFIX)) : text;
}

/** Records the last use of a session, at most once a minute and outside the request. */
function markSeen(ctx: Context, sessionId: string): void {
  const now = ctx.now().toISOString();
  ctx.db.sql`
    update session set last_seen_at = ${now}
    where id = ${sessionId} and last_seen_at < ${now}
  `.catch((error: unknown) => ctx.log.warn({ err: error }, "last use of a session not recorded"));
}
