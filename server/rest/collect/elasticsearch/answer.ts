import { ERROR_KINDS, type ErrorKind, type ErrorValue } from "@/server/catalog/errors";
import { renderError, renderRefusal } from "@/server/lib/error-text";
import type { AppError } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { BulkItem } from "./bulk";

/** Clients accept responses only with this header. */
const PRODUCT = { "X-Elastic-Product": "Elasticsearch", "Cache-Control": "no-store" };

/** Elasticsearch's names for the kinds of errors. */
const TYPES: Readonly<Partial<Record<ErrorKind, string>>> = {
  UNAUTHORIZED: "security_exception",
  FORBIDDEN: "security_exception",
  NOT_FOUND: "resource_not_found_exception",
  TOO_LARGE: "content_too_long_exception",
  TOO_MANY_REQUESTS: "es_rejected_execution_exception",
  UNSUPPORTED_MEDIA_TYPE: "media_type_header_exception",
  UNAVAILABLE: "unavailable_shards_exception",
  INTERNAL: "exception",
};

/** Creates a response with a body of JSON. */
export function elasticAnswer(body: object | string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { ...PRODUCT, "Content-Type": "application/json", ...headers },
  });
}

/** Creates the response of an error as Elasticsearch does. Clients send requests with 429 and 5xx again. */
export function elasticProblem(error: AppError): Response {
  const status = error.kind === "UNPROCESSABLE" ? 400 : ERROR_KINDS[error.kind].http;
  const cause = { type: TYPES[error.kind] ?? "illegal_argument_exception", reason: renderRefusal(error) };
  return elasticAnswer({ error: { root_cause: [cause], ...cause }, status }, status, {
    ...error.headers,
    ...(error.retryAfter !== undefined && { "Retry-After": String(error.retryAfter) }),
    ...(status === 401 && { "WWW-Authenticate": 'Basic realm="security" charset="UTF-8"' }),
  });
}

/**
 * Creates the response of `_bulk`, with one item per action in their order.
 * @param refusalOf why an item was not stored
 * @param idOf the id of an item's row
 */
export async function bulkAnswer(
  items: readonly BulkItem[],
  took: number,
  refusalOf: (position: number) => ErrorValue | undefined,
  idOf: (position: number) => string | undefined,
): Promise<Response> {
  const slice = makeTimeSlice();
  const parts: string[] = [];
  let errors = false;
  for (const [position, { action, index, id }] of items.entries()) {
    const pause = slice();
    if (pause) await pause;
    const refusal = refusalOf(position);
    errors ||= refusal !== undefined;
    const item = { _index: index, _id: id ?? idOf(position) ?? null };
    const outcome = refusal
      ? { status: 400, error: { type: "document_parsing_exception", reason: renderError(refusal) } }
      : { _version: 1, result: "created", status: 201 };
    parts.push(JSON.stringify({ [action]: { ...item, ...outcome } }));
  }
  return elasticAnswer(`{"took":${took},"errors":${errors},"items":[${parts.join(",")}]}`);
}
