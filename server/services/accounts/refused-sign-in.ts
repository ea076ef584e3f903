import { ERROR_KINDS } from "@/server/catalog/errors";
import { toAppError } from "@/server/lib/errors";
import { addressGroup } from "@/server/lib/ip";
import type { Context } from "@/server/process/context";
import { checkCachedRefusal } from "./attempts";
import { isKnownBrowser } from "./known-browser";
import { requestOrigin } from "./request-origin";

/** The key under which the attempts from an address are counted. */
export function addressAttempts(headers: Headers): string {
  return `sign-in:address:${addressGroup(requestOrigin(headers).address ?? "unknown")}`;
}

/**
 * Answers a sign-in from an address whose attempts were refused recently. Runs before better-auth, whose milliseconds
 * per request would let a flood block the event loop.
 */
export function refusedSignIn(ctx: Context, headers: Headers): Response | undefined {
  if (isKnownBrowser(ctx, headers)) return undefined;
  try {
    checkCachedRefusal(ctx, addressAttempts(headers));
    return undefined;
  } catch (thrown) {
    const { kind, code, params, message, errors, retryAfter } = toAppError(thrown);
    const { http: status } = ERROR_KINDS[kind];
    return Response.json({ code, params, message, errors }, { status, headers: { "Retry-After": String(retryAfter) } });
  }
}
