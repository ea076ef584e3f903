import { createHash } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, formCsrfMiddleware } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { account, user } from "@/server/db/schema";
import { addressGroup } from "@/server/lib/address-group";
import { ERROR_CODES, toAppError } from "@/server/lib/errors";
import type { Context, RequestOrigin } from "@/server/process/context";
import { type Actor, insertAudit, recordAudit } from "@/server/services/audit";
import { orApiError } from "./api-error";
import { countAttempt, forgetAttempts, MAX_TRIES, refuseKnown, returnAttempt } from "./attempts";
import { isKnownBrowser, knownBrowser, knownBrowserCookie } from "./known-browser";
import { requestOrigin } from "./request-origin";

/** Where better-auth finds it: our HTTP server puts it there (server/web/http-server.ts). */
export const CLIENT_ADDRESS = { ipAddressHeaders: ["x-forwarded-for"], ipv6Subnet: 64 };

/** Tries from one address (an IPv6 /64), for however many accounts. */
const MAX_PER_ADDRESS = 30;

/**
 * Tries for one account from all addresses together: guessing from many addresses gets 14,400 tries a day, of passwords
 * with at least 12 characters.
 */
const MAX_PER_ACCOUNT = 100;

/** Nobody's password: verified for an unknown address, and of one without a password, so that it takes as long as a wrong one. */
const NO_ACCOUNT_HASH = `${"0".repeat(32)}:${"0".repeat(128)}`;

/**
 * POST /sign-in/email in place of better-auth's own, which takes `admin@localhost` for no address,
 * limits by address alone, and answers an unknown address a query sooner.
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
          body: z.object({
            email: z.string().max(320),
            password: z.string().max(128),
            rememberMe: z.boolean().default(true),
          }),
        },
        async (request) => {
          const email = request.body.email.trim().toLowerCase();
          const headers = request.headers ?? new Headers();
          const from = requestOrigin(headers);
          const refuse = (reason: string) =>
            insertAudit(ctx.db.sql, nobody(email, from), "session.sign-in", "refused", { reason });
          const tries = await orApiError(() => countTries(ctx, headers, email, () => refuse("too many attempts")));

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
          if (!found?.hash || !verified || found.user.disabledAt) {
            ctx.log.info({ address: from.address }, "sign-in refused");
            await orApiError(() =>
              refuse(verified && found?.user.disabledAt ? "disabled" : "wrong e-mail or password"),
            );
            throw new APIError("UNAUTHORIZED", {
              code: "INVALID_EMAIL_OR_PASSWORD",
              message: "Invalid email or password",
            });
          }

          const isSessionOnly = !request.body.rememberMe;
          const { id, name, role } = found.user;
          // What cannot be recorded is not let in.
          await orApiError(() => recordAudit(ctx, { kind: "user", id, name: email, from }, "session.sign-in", {}));
          const session = await request.context.internalAdapter.createSession(found.user.id, isSessionOnly);
          await setSessionCookie(request, { session, user: found.user }, isSessionOnly);
          const known = knownBrowserCookie(ctx, email);
          request.setCookie(known.name, known.value, known.options);
          await orApiError(() => tries.succeed());
          return request.json({ redirect: false, user: { id, name, email, role } });
        },
      ),
    },
  }) satisfies BetterAuthPlugin;

/** The key under which the tries from an address are counted. */
function addressAttempts(headers: Headers): string {
  return `sign-in:address:${addressGroup(requestOrigin(headers).address ?? "unknown")}`;
}

/**
 * Counts a try to sign in. A browser that is known for the account has tries of its own; of strangers those from one
 * address, those for one account from one address, and those for one account are limited, so that nobody's guesses
 * lock out a person who is elsewhere.
 * @param onLimit called for the first try that a limit refuses
 * @throws AppError TOO_MANY_REQUESTS
 */
async function countTries(ctx: Context, headers: Headers, email: string, onLimit: () => Promise<void>) {
  const browser = knownBrowser(ctx, headers, email);
  if (browser && (await isWithin(ctx, browser.attempts))) {
    return { succeed: () => forgetAttempts(ctx, browser.attempts) };
  }
  const account = createHash("sha256").update(email).digest("base64url");
  const addressKey = addressAttempts(headers);
  const accountKey = `sign-in:account:${account}`;
  const pairKey = `sign-in:account:${account}:${addressKey}`;
  await countAttempt(ctx, addressKey, MAX_PER_ADDRESS, onLimit);
  await countAttempt(ctx, pairKey, MAX_TRIES, onLimit);
  await countAttempt(ctx, accountKey, MAX_PER_ACCOUNT, onLimit);
  return {
    succeed: async () => {
      await forgetAttempts(ctx, pairKey);
      await returnAttempt(ctx, addressKey);
      await returnAttempt(ctx, accountKey);
    },
  };
}

async function isWithin(ctx: Context, key: string): Promise<boolean> {
  try {
    await countAttempt(ctx, key, MAX_TRIES);
    return true;
  } catch (error) {
    if (toAppError(error).code !== "TOO_MANY_REQUESTS") throw error;
    return false;
  }
}

/**
 * The answer to a sign-in from an address whose tries were refused a moment ago. Given before better-auth, which takes
 * milliseconds for each request: a flood would hold the process up.
 */
export function refusedSignIn(ctx: Context, headers: Headers): Response | undefined {
  if (isKnownBrowser(ctx, headers)) return undefined;
  try {
    refuseKnown(ctx, addressAttempts(headers));
    return undefined;
  } catch (thrown) {
    const { code, message, errors, retryAfter } = toAppError(thrown);
    const { http: status } = ERROR_CODES[code];
    return Response.json({ code, message, errors }, { status, headers: { "Retry-After": String(retryAfter) } });
  }
}

/** Who tried, by the address that was given; what is no address may be a password in the wrong field. */
function nobody(email: string, from: RequestOrigin): Actor {
  return { kind: "nobody", id: "", name: /^[^\s@]+@[^\s@]+$/.test(email) ? email : "(no e-mail address)", from };
}
