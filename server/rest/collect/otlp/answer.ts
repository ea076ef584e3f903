import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ERROR_KINDS, type ErrorValue } from "@/server/catalog/errors";
import { renderError, renderRefusal } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";

/** Whether a request is in Protobuf. @throws AppError UNSUPPORTED_MEDIA_TYPE for other types than the two of OTLP */
export function isProtobuf(request: Request): boolean {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === JSON_TYPE) return false;
  if (type === PROTOBUF_TYPE || type === "application/protobuf") return true;
  throw new AppError("collect.content_type", { offered: `${PROTOBUF_TYPE}, ${JSON_TYPE}` });
}

/**
 * The answer of a request that was accepted. Rejected records are dead letters here; the exporter must not send them
 * again.
 */
export function otlpAnswer(request: Request, rejected: number, reason: ErrorValue | undefined): Response {
  const errorMessage = reason ? renderError(reason) : "";
  if (!isProtobuf(request)) {
    return respond(
      200,
      JSON_TYPE,
      JSON.stringify(rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage } }),
    );
  }
  const answer = new BinaryWriter();
  if (rejected > 0) {
    answer.tag(1, WireType.LengthDelimited).fork();
    answer.tag(1, WireType.Varint).int64(rejected).tag(2, WireType.LengthDelimited).string(errorMessage).join();
  }
  return respond(200, PROTOBUF_TYPE, answer.finish());
}

/**
 * Creates the response of an error: a google.rpc.Status in the encoding of the request. Exporters send requests with
 * 429 and 503 again, but not with 500.
 */
export function otlpProblem(error: AppError, request: Request): Response {
  const { http } = ERROR_KINDS[error.kind];
  const status = error.kind === "UNPROCESSABLE" ? 400 : http >= 500 ? 503 : http;
  const message = renderRefusal(error);
  const code = CODES.get(status) ?? 2;
  const headers = {
    ...error.headers,
    ...(error.retryAfter !== undefined && { "Retry-After": String(error.retryAfter) }),
    ...(status === 401 && { "WWW-Authenticate": "Bearer" }),
  };
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== PROTOBUF_TYPE && type !== "application/protobuf") {
    return respond(status, JSON_TYPE, JSON.stringify({ code, message }), headers);
  }
  const body = new BinaryWriter();
  body.tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(message);
  return respond(status, PROTOBUF_TYPE, body.finish(), headers);
}

/** Codes of gRPC. */
const CODES = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [413, 8],
  [429, 8],
  [503, 14],
]);

function respond(status: number, type: string, body: BodyInit, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { "Content-Type": type, "Cache-Control": "no-store", ...headers } });
}
