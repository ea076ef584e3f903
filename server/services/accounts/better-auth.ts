import type { BetterAuthPlugin } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthEndpoint } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import { PASSWORD_LENGTH } from "@/server/catalog/accounts";
import * as schema from "@/server/db/schema";
import { derivedKey } from "@/server/lib/derived-key";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { passwordLinkPlugin } from "./password-link-endpoints";
import { isSameOrigin } from "./same-origin";
import { CLIENT_ADDRESS, SESSION_SECONDS, signInPlugin } from "./sign-in";

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

export type Auth = ReturnType<typeof createAuth>;

/**
 * Creates better-auth for `ctx`: email and password, sign-up closed, no emails. Cookies are HttpOnly, SameSite=Lax, and
 * Secure when APP_URL is https.
 */
export function createAuth(ctx: Context) {
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
