import { AppError } from "@/server/lib/errors";
import { checkJsonShape } from "./json-shape";

/** Enough for 10,000 ids or one edited event. Intake reads its bodies as streams. */
const MAX_COMMAND_BYTES = 2 * 1024 * 1024;

/**
 * Reads and parses the JSON body of a command.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, TOO_LARGE (without reading beyond the limit), BAD_REQUEST
 */
export async function readJson(request: Request): Promise<unknown> {
  requireJson(request);
  return jsonOf(await readBytes(request));
}

/**
 * Like readJson, but returns undefined for an empty body, whatever its media type.
 * @throws AppError as readJson
 */
export async function readJsonIfAny(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  requireJson(request);
  return jsonOf(bytes);
}

function requireJson(request: Request): void {
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType !== "application/json") {
    throw new AppError("request.not_json_type", {});
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  return parse(decode(bytes));
}

/**
 * Returns the request with its body in memory, for code that would otherwise read a body of any size.
 * @throws AppError TOO_LARGE
 */
export async function withBoundedBody(request: Request): Promise<Request> {
  if (!request.body) return request;
  const { method, headers, signal } = request;
  return new Request(request.url, { method, headers, signal, body: await readBytes(request) });
}

async function readBytes(request: Request): Promise<Buffer<ArrayBuffer>> {
  const tooLarge = () => new AppError("request.body_too_large", { max: MAX_COMMAND_BYTES / 1024 / 1024 });
  if (Number(request.headers.get("content-length") ?? 0) > MAX_COMMAND_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_COMMAND_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  checkJsonShape(bytes);
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("request.body_not_utf8", {});
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("request.body_not_json", {});
  }
}
