import { initTRPC, TRPCError } from "@trpc/server";
import { ZodError, z } from "zod";
import { noteChange } from "@/server/cache";
import { ERROR_KINDS } from "@/server/catalog/errors";
import { AppError, invalidInput, toAppError, toErrorValue } from "@/server/lib/errors";
import { fieldErrors } from "@/server/lib/parse";
import { type Context, getContext, type Principal, principalKey } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import { authenticate, type Permission, requirePermission, requireSameOrigin } from "@/server/services/accounts";
import { type AuditAction, recordRefusal } from "@/server/services/audit";
import { countRequest, type Limited } from "@/server/services/rate-limits";
import { openStream } from "./open-streams";
import { guardStream } from "./stream-guard";

export interface TrpcContext {
  readonly app: Context;
  readonly headers: Headers;
  /** Returns the caller, or null if it is anonymous. Cached for the request unless `isFresh` is true. */
  readonly principal: (isFresh?: boolean) => Promise<Principal | null>;
}

export function createTrpcContext(headers: Headers): TrpcContext {
  const app = getContext();
  let principal: Promise<Principal | null> | undefined;
  return {
    app,
    headers,
    principal: (isFresh = false) => {
      if (isFresh || !principal) principal = authenticate(app, headers);
      return principal;
    },
  };
}

/** The maximum duration of a stream, after which the browser reconnects. */
const STREAM_MAX_MS = 5 * 60_000;
const STREAM_PING_MS = 10_000;

const t = initTRPC
  .context<TrpcContext>()
  .meta<ProcedureMeta>()
  .create({
    sse: {
      maxDurationMs: STREAM_MAX_MS,
      ping: { enabled: true, intervalMs: STREAM_PING_MS },
      client: { reconnectAfterInactivityMs: 3 * STREAM_PING_MS },
    },
    // Errors of streams do not pass through translateErrors, so all errors are formatted here.
    errorFormatter: ({ shape: { code, data }, error: { cause } }) => {
      const isOurs = cause instanceof AppError || data.code === "INTERNAL_SERVER_ERROR";
      const error = isOurs ? toAppError(cause) : libraryError(cause);
      const { trpc, http } = ERROR_KINDS[error.kind];
      const { message, errors, retryAfter } = error;
      const status = isOurs ? { code: trpc, httpStatus: http } : { code: data.code, httpStatus: data.httpStatus };
      return { code, message, data: { ...status, error: toErrorValue(error), errors, retryAfter } };
    },
  });

/** Converts an error of tRPC itself, such as for invalid input. */
function libraryError(cause: unknown): AppError {
  return invalidInput(cause instanceof ZodError ? fieldErrors(cause.issues) : []);
}

export const router = t.router;

/** A field that the client library adds to the query of every infinite list. */
export const forwards = { direction: z.literal("forward").optional() };

const translateErrors = t.middleware(async ({ next, ctx, path, type }) => {
  const started = performance.now();
  const result = await next();
  // The duration of a subscription depends only on its reader.
  if (type !== "subscription") recordDuration("trpc", path, (performance.now() - started) / 1_000);
  if (result.ok) return result;
  const { error } = result;
  // An error of tRPC itself, such as for invalid input.
  if (error.code !== "INTERNAL_SERVER_ERROR") throw error;
  const appError = toAppError(error.cause);
  if (appError.kind === "INTERNAL") ctx.app.log.error({ err: appError.cause, path }, "procedure failed");
  throw new TRPCError({ code: ERROR_KINDS[appError.kind].trpc, message: appError.message, cause: appError });
});

/** The metadata of a procedure, by which a test checks all procedures. */
interface ProcedureMeta {
  readonly permission: Permission;
  readonly audit?: AuditAction;
}

/**
 * Creates a procedure for authenticated callers with `permission`. A mutation must come from the same origin. A
 * subscription ends when `ctx.signal` aborts, which also happens if its reader's permissions change.
 * @param audit the audited action; refusals and failures are recorded here, and services record successful actions
 * @param limit the rate limit that calls count towards
 */
export function procedure(permission: Permission, audit?: AuditAction, limit?: Limited) {
  return t.procedure
    .meta({ permission, audit })
    .use(translateErrors)
    .use(async ({ ctx, next, type, getRawInput, signal }) => {
      const principal = await ctx.principal();
      const record = async (error: unknown) => {
        if (principal && audit) await recordRefusal(ctx.app, principal, audit, await getRawInput(), error);
      };
      try {
        requirePermission(principal, permission);
        if (type === "mutation") requireSameOrigin(ctx.app.config, principal, ctx.headers);
        if (limit) await countRequest(ctx.app, limit, principal, ctx.headers);
      } catch (error) {
        await record(error);
        throw error;
      }
      const stream = type === "subscription" ? openGuarded(signal, principal, () => ctx.principal(true)) : undefined;
      const result = await next({ ctx: { principal, signal: stream?.signal ?? signal } });
      // After a failure too, because a part may have been changed.
      if (type === "mutation") await noteChange(ctx.app, principalKey(principal));
      // Any other code is tRPC's own, such as for invalid input.
      if (!result.ok && result.error.code === "INTERNAL_SERVER_ERROR") await record(result.error.cause);
      if (!stream) return result;
      if (!result.ok || !isAsyncIterable(result.data)) {
        stream.close();
        return result;
      }
      return { ...result, data: stream.guard(result.data) };
    });
}

/** Opens a stream that counts towards the principal's limit until it or its request ends. */
function openGuarded(
  requestSignal: AbortSignal | undefined,
  opener: Principal,
  authenticateAgain: () => Promise<Principal | null>,
) {
  const close = openStream(opener);
  // A page that is left immediately may abort its request before the stream starts. The stream is then never read.
  if (requestSignal?.aborted) close();
  else requestSignal?.addEventListener("abort", close, { once: true });
  return { ...guardStream(requestSignal, opener, authenticateAgain, close), close };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
