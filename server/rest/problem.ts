import { type AppError, ERROR_CODES } from "@/server/lib/errors";

/** The error as RFC 9457 problem+json. Nothing of its cause goes out. */
export function problemResponse(error: AppError): Response {
  const { http, title } = ERROR_CODES[error.code];
  const headers = new Headers({
    ...error.headers,
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
  });
  if (error.retryAfter !== undefined) headers.set("Retry-After", String(error.retryAfter));
  if (error.code === "UNAUTHORIZED") headers.set("WWW-Authenticate", "Bearer");
  const problem = { type: "about:blank", title, status: http, detail: error.message, errors: error.errors };
  return new Response(JSON.stringify(problem), { status: http, headers });
}
