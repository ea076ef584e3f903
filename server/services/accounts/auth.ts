import type { Context } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { Auth } from "./better-auth";
import { requestOrigin } from "./request-origin";

const instances = new WeakMap<Context, Promise<Auth>>();

/** Returns the only instance for `ctx`. Commands and workers, which need none, do not load better-auth. */
function authOf(ctx: Context): Promise<Auth> {
  const existing = instances.get(ctx);
  if (existing) return existing;
  const auth = import("./better-auth").then(({ createAuth }) => createAuth(ctx));
  instances.set(ctx, auth);
  return auth;
}

interface OpenSession {
  readonly id: string;
  readonly user_id: string;
  readonly email: string;
  readonly role: string;
  /** Whether the last use was recorded more than a minute ago. */
  readonly unmarked: boolean;
}

/**
 * Returns the session of a request, unless its user is disabled. It expires by PostgreSQL's clock; better-auth would
 * compare with that of this process, and delete every session if the clock is ahead.
 */
export async function findSession(ctx: Context, headers: Headers): Promise<OpenSession | null> {
  if (!headers.has("cookie")) return null;
  const auth = await authOf(ctx);
  const { token } = await auth.api.readSessionToken({ headers });
  if (token === null) return null;
  const now = ctx.now().toISOString();
  const [found] = await ctx.db.sql<OpenSession[]>`
    select
      session.id, user_id, email, role,
      last_seen_at < ${now}::timestamptz - interval '1 minute' as unmarked
    from session
    join "user"
      on "user".id = user_id
        and disabled_at is null
        and ("user".expires_at is null or "user".expires_at > ${now})
    where token = ${token} and session.expires_at > ${now}`;
  return found ?? null;
}

const SIGN_IN = "POST /sign-in/email";
const SIGN_OUT = "POST /sign-out";

/** The reachable paths. Any other path returns 404, whatever better-auth adds. */
const REACHABLE = new Set([SIGN_IN, "POST /password-link/look", "POST /password-link/use", SIGN_OUT]);

/** Handles a request to /api/auth/…. */
export async function handleAuth(ctx: Context, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const endpoint = `${request.method} ${pathname.replace(/^\/api\/auth/, "")}`;
  if (!REACHABLE.has(endpoint)) {
    return Response.json({ code: "NOT_FOUND", message: "There is nothing here." }, { status: 404 });
  }
  if (endpoint === SIGN_IN) {
    const { refusedSignIn } = await import("./refused-sign-in");
    const refused = refusedSignIn(ctx, request.headers);
    if (refused) return refused;
  }
  const auth = await authOf(ctx);
  if (endpoint !== SIGN_OUT) return await auth.handler(request);
  const { headers } = request;
  const session = await findSession(ctx, headers);
  const response = await auth.handler(request);
  if (session && response.ok) {
    const actor = {
      kind: "user",
      id: session.user_id,
      name: session.email,
      from: requestOrigin(headers),
    } as const;
    await recordAudit(ctx, actor, "session.sign-out", {});
  }
  return response;
}
