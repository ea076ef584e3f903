import { ERROR_KINDS } from "@/server/catalog/errors";
import { renderError, renderRefusal } from "@/server/lib/error-text";
import type { AppError } from "@/server/lib/errors";
import { localeOf } from "./locale";

/** Creates the RFC 9457 problem+json response of an error, in the language of the request. The cause is not sent. */
export function problemResponse(error: AppError, request: Request): Response {
  const { http, title } = ERROR_KINDS[error.kind];
  const locale = localeOf(request);
  const headers = new Headers({
    ...error.headers,
    "Content-Type": "application/problem+json",
    "Content-Language": locale,
    "Cache-Control": "no-store",
    Vary: "Accept-Language",
  });
  if (error.retryAfter !== undefined) headers.set("Retry-After", String(error.retryAfter));
  if (error.kind === "UNAUTHORIZED") headers.set("WWW-Authenticate", "Bearer");
  const problem = {
    type: "about:blank",
    title,
    status: http,
    code: error.code,
    params: error.params,
    detail: renderRefusal(error, locale),
    errors: error.errors.map(({ path, code, params, position }) => ({
      path,
      message: renderError({ code, params }, locale),
      code,
      params,
      position,
    })),
  };
  return new Response(JSON.stringify(problem), { status: http, headers });
}
