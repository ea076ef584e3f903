import { createHash } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, formCsrfMiddleware } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { and, eq } from "drizzle-orm";
import { account, user } from "@/server/db/schema";
import { toAppError } from "@/server/lib/errors";
import type { Context, RequestOrigin } from "@/server/process/context";
import { type Actor, insertAudit, recordAudit } from "@/server/services/audit";
import { orApiError } from "./api-error";
import { countAttempt, deleteAttempts, MAX_ATTEMPTS, returnAttempt } from "./attempts";
import { signInInput } from "./contract";
import { knownBrowser, knownBrowserCookie } from "./known-browser";
import { addressAttempts } from "./refused-sign-in";
import { requestOrigin } from "./request-origin";

/** The header from which better-auth reads the client's address, set by the HTTP server (server/web/http-server.ts). */
export const CLIENT_ADDRESS = { ipAddressHeaders: ["x-forwarded-for"], ipv6Subnet: 64 };

export const SESSION_SECONDS = 7 * 24 * 3600;
/** The lifetime of a session that ends with the browser. */
const SESSION_ONLY_SECONDS = 24 * 3600;

/** Maximum attempts from one address (an IPv6 /64) for all accounts together. */
const MAX_PER_ADDRESS = 30;

/**
 * Maximum attempts for one account from all addresses: distributed guessing gets 14,400 attempts a day at passwords of
 * at least 12 characters.
 */
const MAX_PER_ACCOUNT = 100;

/** A dummy hash, verified for an unknown address or an account without a password, so that timing reveals nothing. */
const NO_ACCOUNT_HASH = `${"0".repeat(32)}:${"0".repeat(128)}`;

/**
 * Replaces better-auth's POST /sign-in/email, which rejects `admin@localhost`, limits by address only, and answers an
 * unknown address one query sooner.
 */
export const signInPlugin = (ctx: Context) =>
  ({
    id: "sign-in",
    endpoints: {
      signInEmail: createAuthEndpoint(
        "/sign-in/email",
        {
          method: "POST",
          use: [formCsrfMiddleware],
          body: signInInput,
        },
        async (request) => {
          const email = request.body.email.trim().toLowerCase();
          const headers = request.headers ?? new Headers();
          const from = requestOrigin(headers);
          const refuse = (reason: string) =>
            insertAudit(ctx.db.sql, anonymousActor(email, from), "session.sign-in", "refused", { reason });
          const attempts = await orApiError(() =>
            countAttempts(ctx, headers, email, () => refuse("too_many_attempts")),
          );

          const [found] = await orApiError(() =>
            ctx.db.orm
              .select({ user, hash: account.password })
              .from(user)
              .innerJoin(account, and(eq(account.userId, user.id), eq(account.providerId, "credential")))
              .where(eq(user.email, email))
              .limit(1),
          );
          const verified = await request.context.password.verify({
            hash: found?.hash ?? NO_ACCOUNT_HASH,
            password: request.body.password,
          });
          const isExpired = found?.user.expiresAt && found.user.expiresAt <= ctx.now();
          if (!found?.hash || !verified || found.user.disabledAt || isExpired) {
            ctx.log.info({ address: from.address }, "sign-in refused");
            await orApiError(() =>
              refuse(
                !verified || !found?.hash
                  ? "wrong_credentials"
                  : found.user.disabledAt
                    ? "account_disabled"
                    : "account_expired",
              ),
            );
            throw new APIError("UNAUTHORIZED", {
              code: "INVALID_EMAIL_OR_PASSWORD",
              message: "Invalid email or password",
            });
          }

          const isSessionOnly = !request.body.rememberMe;
          const { id, name, role } = found.user;
          // A sign-in that cannot be audited fails.
          await orApiError(() => recordAudit(ctx, { kind: "user", id, name: email, from }, "session.sign-in", {}));
          const session = await request.context.internalAdapter.createSession(
            found.user.id,
            isSessionOnly,
            sessionTimes(ctx, isSessionOnly),
            true,
          );
          await setSessionCookie(request, { session, user: found.user }, isSessionOnly);
          const known = knownBrowserCookie(ctx, email);
          request.setCookie(known.name, known.value, known.options);
          await orApiError(() => attempts.succeed());
          return request.json({ redirect: false, user: { id, name, email, role } });
        },
      ),
    },
  }) satisfies BetterAuthPlugin;

/** The times of a new session, which better-auth would take from the clock of this process. */
function sessionTimes(ctx: Context, isSessionOnly: boolean) {
  const now = ctx.now();
  const seconds = isSessionOnly ? SESSION_ONLY_SECONDS : SESSION_SECONDS;
  return { createdAt: now, updatedAt: now, lastSeenAt: now, expiresAt: new Date(now.getTime() + seconds * 1_000) };
}

/**
 * Counts a sign-in attempt. A browser known for the account has its own limit. Others are limited per address, per
 * account and address, and per account, so that guesses by one client do not lock out users elsewhere.
 * @param onLimit called for the first attempt that a limit refuses
 * @throws AppError TOO_MANY_REQUESTS
 */
async function countAttempts(ctx: Context, headers: Headers, email: string, onLimit: () => Promise<void>) {
  const browser = knownBrowser(ctx, headers, email);
  if (browser && (await isWithin(ctx, browser.attempts))) {
    return { succeed: () => deleteAttempts(ctx, browser.attempts) };
  }
  const account = createHash("sha256").update(email).digest("base64url");
  const addressKey = addressAttempts(headers);
  const accountKey = `sign-in:account:${account}`;
  const pairKey = `sign-in:account:${account}:${addressKey}`;
  await countAttempt(ctx, addressKey, MAX_PER_ADDRESS, onLimit);
  await countAttempt(ctx, pairKey, MAX_ATTEMPTS, onLimit);
  await countAttempt(ctx, accountKey, MAX_PER_ACCOUNT, onLimit);
  return {
    succeed: async () => {
      await deleteAttempts(ctx, pairKey);
      await returnAttempt(ctx, addressKey);
      await returnAttempt(ctx, accountKey);
    },
  };
}

async function isWithin(ctx: Context, key: string): Promise<boolean> {
  try {
    await countAttempt(ctx, key, MAX_ATTEMPTS);
    return true;
  } catch (error) {
    if (toAppError(error).kind !== "TOO_MANY_REQUESTS") throw error;
    return false;
  }
}

/**
 * The actor of an attempt, by the given address. A value that is no address may be a password in the wrong field, and
 * is not recorded.
 */
function anonymousActor(email: string, from: RequestOrigin): Actor {
  return { kind: "nobody", id: "", name: /^[^\s@]+@[^\s@]+$/.test(email) ? email : "(no email address)", from };
}
