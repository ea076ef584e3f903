import { createHash } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint, formCsrfMiddleware, getIP } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Context } from "@/server/context";
import { account, user } from "@/server/db/schema";
import { toAppError } from "@/server/errors";
import { countAttempt, forgetAttempts, returnAttempt } from "./attempts";

/** Tries for one account, from however many addresses. */
const MAX_PER_ACCOUNT = 10;
/** Tries from one address (an IPv6 /64), for however many accounts. */
const MAX_PER_ADDRESS = 30;

/** Nobody's password: verified for an unknown address, so that it takes as long as a wrong password. */
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
          const address = request.request ? getIP(request.request, request.context.options) : null;
          const accountKey = `sign-in:account:${createHash("sha256").update(email).digest("base64url")}`;
          const addressKey = `sign-in:address:${address ?? "unknown"}`;
          await orApiError(async () => {
            await countAttempt(ctx, addressKey, MAX_PER_ADDRESS);
            await countAttempt(ctx, accountKey, MAX_PER_ACCOUNT);
          });

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
          if (!found || !verified) {
            ctx.log.info({ address }, "sign-in refused");
            throw new APIError("UNAUTHORIZED", {
              code: "INVALID_EMAIL_OR_PASSWORD",
              message: "Invalid email or password",
            });
          }

          const isSessionOnly = !request.body.rememberMe;
          const session = await request.context.internalAdapter.createSession(found.user.id, isSessionOnly);
          await setSessionCookie(request, { session, user: found.user }, isSessionOnly);
          await orApiError(async () => {
            await forgetAttempts(ctx, accountKey);
            await returnAttempt(ctx, addressKey);
          });
          const { id, name, role } = found.user;
          return request.json({ redirect: false, user: { id, name, email, role } });
        },
      ),
    },
  }) satisfies BetterAuthPlugin;

/** better-auth knows its own errors only: carries an AppError over with its status and Retry-After. */
async function orApiError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === "INTERNAL") throw thrown;
    throw new APIError(
      error.code === "UNAVAILABLE" ? "SERVICE_UNAVAILABLE" : "TOO_MANY_REQUESTS",
      { code: error.code, message: error.message },
      error.retryAfter === undefined ? {} : { "Retry-After": String(error.retryAfter) },
    );
  }
}
