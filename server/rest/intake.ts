import type { z } from "zod";
import { type LogTableName, logTables } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import { renderLine } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { ingest, MAX_DOCUMENT_BYTES } from "@/server/services/intake";
import type { intakeQuery } from "@/server/services/intake/contract";
import { resolveMapping } from "@/server/services/mappings";
import { localeOf } from "./locale";

const FORMATS: Readonly<Record<string, IntakeFormat>> = {
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "text/csv": "csv",
  "text/plain": "combined",
};

interface Intake extends z.infer<typeof intakeQuery> {
  readonly ctx: Context;
  readonly request: Request;
  readonly principal: Principal;
  readonly table: LogTableName;
}

/**
 * Handles POST /access-logs and /user-activities, reading the body as a stream. Responds with 202 and the number of
 * queued records, or with `?mode=direct` with 200 when all records are stored.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, TOO_LARGE (a JSON document), BAD_REQUEST, UNPROCESSABLE, UNAVAILABLE; an
 * error in the middle of the body reports how many records were accepted
 */
export async function handleIntake({
  ctx,
  request,
  principal,
  table,
  mode,
  encoding,
  ...labels
}: Intake): Promise<Response> {
  const format = formatOf(request, table);
  if (encoding === undefined) requireUtf8(request);
  const mapping = labels.map === undefined ? undefined : await resolveMapping(ctx, labels.map, table);
  const result = await ingest(ctx, table, readBody(request), {
    format,
    encoding,
    mode,
    isGzip: isGzip(request),
    mapping,
    source: labels.source,
    fileName: labels.file_name,
    by: principal,
    lastModified: dateOf(request.headers.get("last-modified")),
    signal: request.signal,
  });
  const { import_id, status, mapping: read, errors, ...counts } = result;
  ctx.log.info({ table, format, mode, by: principal.name, ...counts }, "intake");
  return Response.json(
    {
      import_id,
      status,
      ...counts,
      mapping: read,
      errors: errors.map((error) => renderLine(error, localeOf(request))),
    },
    { status: mode === "direct" ? 200 : 202, headers: { "Cache-Control": "no-store" } },
  );
}

function formatOf(request: Request, table: LogTableName): IntakeFormat {
  const [type = ""] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const format = FORMATS[type.trim()];
  const offered = Object.keys(FORMATS).filter(
    (name) => FORMATS[name] !== "combined" || logTables[table].acceptsLogLines,
  );
  if (format === undefined || !offered.includes(type.trim())) {
    throw new AppError("request.media_type", { offered: offered.join(", ") });
  }
  if (format === "json" && Number(request.headers.get("content-length") ?? 0) > MAX_DOCUMENT_BYTES) {
    throw new AppError("intake.document_too_long", { max: MAX_DOCUMENT_BYTES / 1024 / 1024 });
  }
  return format;
}

/** Only the query parameter can name another encoding, so that a client's default charset has no effect. */
function requireUtf8(request: Request): void {
  const [, ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((text) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(text)?.[1]).find(Boolean) ?? "utf-8";
  if (["utf-8", "utf8", "us-ascii"].includes(charset)) return;
  throw new AppError("request.charset", {});
}

function isGzip(request: Request): boolean {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "gzip" || encoding === "x-gzip") return true;
  if (encoding === "identity") return false;
  throw new AppError("request.content_encoding", {});
}

function dateOf(header: string | null): Date | undefined {
  const date = new Date(header ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Reads the body as it arrives. @throws AppError BAD_REQUEST when the upload is interrupted */
export async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    throw new AppError("request.upload_interrupted", {}, { cause: error });
  } finally {
    // Stops the upload if the rest of the body is not needed; has no effect on a body that was read completely.
    reader.cancel().catch(() => {});
  }
}
