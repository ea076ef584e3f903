import { z } from "zod";
import type { Context, Principal } from "@/server/context";
import { principalOfKey } from "./api-keys";
import { createAuth } from "./auth";

const role = z.enum(["viewer", "operator", "admin"]);

/**
 * Who is asking: by `Authorization: Bearer KEY`, else by the session cookie. Nothing is cached, so a
 * revoked key, an ended session and a changed role hold from the next request on. A bad key is nobody,
 * whatever cookie comes with it.
 * @throws the database's error when it is away
 */
export async function authenticate(ctx: Context, headers: Headers): Promise<Principal | null> {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    return key === undefined ? null : principalOfKey(ctx, key);
  }
  if (!headers.has("cookie")) return null;
  const session = await createAuth(ctx).api.getSession({ headers, query: { disableRefresh: true } });
  if (!session) return null;
  const { user } = session;
  return { kind: "user", id: user.id, name: user.email, role: role.parse(user.role) };
}
