import { initTRPC, TRPCError } from "@trpc/server";
import { ZodError, z } from "zod";
import { noteChange } from "@/server/cache";
import { ERROR_KINDS } from "@/server/catalog/errors";
import { AppError, invalidInput, toAppError, toErrorValue } from "@/server/lib/errors";
import { fieldErrors } from "@/server/lib/parse";
import { type Context, getContext, type Principal, principalKey } from "@/server/process/context";
import { noteTime } from "@/server/process/counts";
import { authenticate, type Permission, requirePermission, requireSameOrigin } from "@/server/services/accounts";
import { type AuditAction, recordRefusal } from "@/server/services/audit";
import { countRequest, type Limited } from "@/server/services/rate-limits";
import { openStream } from "./open-streams";
import { guardStream } from "./stream-guard";

export interface TrpcContext {
  readonly app: Context;
  readonly headers: Headers;
  /** Null for nobody; looked up when the first procedure asks, and not for each again unless one says so. */
  readonly principal: (isAnew?: boolean) => Promise<Principal | null>;
}

export function createTrpcContext(headers: Headers): TrpcContext {
  const app = getContext();
  let asked: Promise<Principal | null> | undefined;
  return {
    app,
    headers,
    principal: (isAnew = false) => {
      if (isAnew || !asked) asked = authenticate(app, headers);
      return asked;
    },
  };
}

/** An open stream is ended so often, and the browser reconnects. */
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
    // A stream's error reaches here untranslated, so what leaves is decided here for all.
    errorFormatter: ({ shape: { code, data }, error: { cause } }) => {
      const isOurs = cause instanceof AppError || data.code === "INTERNAL_SERVER_ERROR";
      const error = isOurs ? toAppError(cause) : ofLibrary(cause);
      const { trpc, http } = ERROR_KINDS[error.kind];
      const { message, errors, retryAfter } = error;
      const status = isOurs ? { code: trpc, httpStatus: http } : { code: data.code, httpStatus: data.httpStatus };
      return { code, message, data: { ...status, error: toErrorValue(error), errors, retryAfter } };
    },
  });

/** An error that tRPC throws by itself, such as for input that does not fit its schema or is no JSON. */
function ofLibrary(cause: unknown): AppError {
  return invalidInput(cause instanceof ZodError ? fieldErrors(cause.issues) : []);
}

export const router = t.router;

/** What the interface adds to the query of a list that it reads page by page. */
export const forwards = { direction: z.literal("forward").optional() };

const translateErrors = t.middleware(async ({ next, ctx, path, type }) => {
  const started = performance.now();
  const result = await next();
  // A subscription lasts as long as its reader stays.
  if (type !== "subscription") noteTime("trpc", path, (performance.now() - started) / 1_000);
  if (result.ok) return result;
  const { error } = result;
  // Thrown by tRPC itself, such as for input that does not fit its schema or is no JSON.
  if (error.code !== "INTERNAL_SERVER_ERROR") throw error;
  const appError = toAppError(error.cause);
  if (appError.kind === "INTERNAL") ctx.app.log.error({ err: appError.cause, path }, "procedure failed");
  throw new TRPCError({ code: ERROR_KINDS[appError.kind].trpc, message: appError.message, cause: appError });
});

/** Describes a procedure. A test checks all procedures by it. */
interface ProcedureMeta {
  readonly permission: Permission;
  readonly audit?: AuditAction;
}

/**
 * A procedure for who is signed in and has `permission`; a mutation must come from our own pages. A subscription
 * ends by `ctx.signal`, which also aborts when the permissions of its reader change.
 * @param audit what it does: recorded with the reason when it is refused or fails. What is done records itself
 * @param limit what its calls are counted as; too many in a minute are refused
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
      // Of one that failed too: a part may be done.
      if (type === "mutation") await noteChange(ctx.app, principalKey(principal));
      // Any other code is tRPC's own, such as for input that is not valid.
      if (!result.ok && result.error.code === "INTERNAL_SERVER_ERROR") await record(result.error.cause);
      if (!stream) return result;
      if (!result.ok || !isAsyncIterable(result.data)) {
        stream.close();
        return result;
      }
      return { ...result, data: stream.guard(result.data) };
    });
}

/** A stream that counts among the principal's until it ends, its request does, or it fails to begin. */
function openGuarded(asked: AbortSignal | undefined, opener: Principal, askAgain: () => Promise<Principal | null>) {
  const close = openStream(opener);
  // A page that is left at once ends its request before the stream begins, and nobody ever reads that stream.
  if (asked?.aborted) close();
  else asked?.addEventListener("abort", close, { once: true });
  return { ...guardStream(asked, opener, askAgain, close), close };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
