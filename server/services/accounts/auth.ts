import type { BetterAuthPlugin } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthEndpoint } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import { PASSWORD_LENGTH } from "@/server/catalog/accounts";
import * as schema from "@/server/db/schema";
import { derivedKey } from "@/server/lib/derived-key";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { passwordLinkPlugin } from "./password-link-endpoints";
import { requestOrigin } from "./request-origin";
import { isSameOrigin } from "./same-origin";
import { CLIENT_ADDRESS, refusedSignIn, SESSION_SECONDS, signInPlugin } from "./sign-in";

const REPEATED_LOG_MS = 60_000;

/** Reads the token of a session from its signed cookie. */
const sessionTokenPlugin = {
  id: "session-token",
  endpoints: {
    readSessionToken: createAuthEndpoint("/session-token", { method: "GET", requireHeaders: true }, async (request) => {
      const { authCookies, secret } = request.context;
      return request.json({ token: (await request.getSignedCookie(authCookies.sessionToken.name, secret)) || null });
    }),
  },
} satisfies BetterAuthPlugin;

function build(ctx: Context) {
  let lastLogged: { code: string | undefined; at: number } = { code: undefined, at: 0 };
  return betterAuth({
    appName: "Batch Console",
    baseURL: ctx.config.appUrl,
    basePath: "/api/auth",
    secret: derivedKey(ctx.secret, "cookies"),
    database: drizzleAdapter(ctx.db.orm, { provider: "pg", schema }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
    },
    user: {
      additionalFields: {
        role: { type: "string", defaultValue: "viewer", input: false },
        disabledAt: { type: "date", required: false, input: false },
      },
    },
    session: {
      expiresIn: SESSION_SECONDS,
      additionalFields: { lastSeenAt: { type: "date", required: false, input: false } },
    },
    // Sign-in has its own limits (sign-in.ts); all other endpoints require a session.
    rateLimit: { enabled: false },
    trustedOrigins: (request) =>
      request && isSameOrigin(ctx.config, request.headers) ? [request.headers.get("origin")] : [],
    plugins: [signInPlugin(ctx), passwordLinkPlugin(ctx), sessionTokenPlugin],
    advanced: {
      cookiePrefix: "batch-console",
      // Set explicitly, because better-auth disables both checks under NODE_ENV=test.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: CLIENT_ADDRESS,
    },
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      // Only the error's code is logged: a failed query's text contains the session's token.
      log: (level, message, ...details) => {
        const code = causeCode(details.find((detail) => detail instanceof Error));
        // An unavailable database fails every request of every open page.
        const isRepeated =
          code !== undefined && code === lastLogged.code && Date.now() - lastLogged.at < REPEATED_LOG_MS;
        if (isRepeated) return;
        lastLogged = { code, at: Date.now() };
        ctx.log[level]({ code }, `better-auth: ${message}`);
      },
    },
  });
}

type Auth = ReturnType<typeof build>;

const instances = new WeakMap<Context, Auth>();

/**
 * Creates better-auth for `ctx`: email and password, sign-up closed, no emails. Cookies are HttpOnly, SameSite=Lax, and
 * Secure when APP_URL is https. One instance per context.
 */
function createAuth(ctx: Context): Auth {
  const existing = instances.get(ctx);
  if (existing) return existing;
  const auth = build(ctx);
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
  const { token } = await createAuth(ctx).api.readSessionToken({ headers });
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
  const refused = endpoint === SIGN_IN && refusedSignIn(ctx, request.headers);
  if (refused) return refused;
  const auth = createAuth(ctx);
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
