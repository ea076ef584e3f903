import { codeOfStatus, type ProblemCode } from "@/components/ui/error-code";
import type { Refusal } from "@/server/catalog/errors";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { IngestAnswer, IntakeMode } from "@/server/trpc/root";

export type UploadOutcome =
  | { kind: "done"; result: IngestAnswer }
  /** `refusal`: the server's error, if it sent one. */
  | { kind: "failed"; code: ProblemCode; refusal: Refusal | null }
  | { kind: "cancelled" };

export interface UploadRequest {
  file: File;
  /** The table's path in the API: `access-logs`. */
  path: string;
  format: IntakeFormat;
  encoding: string;
  map?: string;
  isGzip: boolean;
  mode: IntakeMode;
  signal: AbortSignal;
  onProgress: (sentBytes: number) => void;
}

const CONTENT_TYPES = {
  combined: "text/plain",
  ndjson: "application/x-ndjson",
  json: "application/json",
  csv: "text/csv",
} as const satisfies Record<IntakeFormat, string>;

/**
 * Uploads a file unchanged. Uses XMLHttpRequest, because fetch reports no upload progress.
 * Never rejects.
 */
export function upload({
  file,
  path,
  format,
  encoding,
  map,
  isGzip,
  mode,
  signal,
  onProgress,
}: UploadRequest): Promise<UploadOutcome> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(
      "POST",
      `/api/v1/batch-processing/${path}?${new URLSearchParams({ mode, encoding, file_name: fileName(file), ...(map !== undefined && { map }) })}`,
    );
    request.setRequestHeader("content-type", CONTENT_TYPES[format]);
    if (isGzip) request.setRequestHeader("content-encoding", "gzip");
    request.setRequestHeader("last-modified", new Date(file.lastModified).toUTCString());
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => resolve(readAnswer(request.status, request.responseText));
    request.onerror = () => resolve({ kind: "failed", code: "NETWORK", refusal: null });
    request.onabort = () => resolve({ kind: "cancelled" });
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Some systems allow control characters in file names. */
function fileName({ name }: File): string {
  return name.replace(/\p{Cc}/gu, "\uFFFD").slice(0, 255) || "file";
}

function readAnswer(status: number, text: string): UploadOutcome {
  const body = parse(text);
  if (status < 300 && isResult(body)) return { kind: "done", result: body };
  return {
    kind: "failed",
    code: status < 300 ? "INTERNAL" : codeOfStatus(status),
    refusal: isProblem(body) ? body : null,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isProblem(body: unknown): body is Refusal {
  return typeof body === "object" && body !== null && "code" in body && "params" in body;
}

function isResult(body: unknown): body is IngestAnswer {
  return typeof body === "object" && body !== null && "received" in body && "errors" in body;
}
