import type { FileHandle } from "node:fs/promises";
import { ReadableStream } from "node:stream/web";
import { AppError } from "@/server/errors";
import { LENGTH_HEADER } from "./length-header";
import { problemResponse } from "./problem";

export interface ServedFile {
  readonly handle: FileHandle;
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  /** Identifies the content: a strong validator. */
  readonly etag: string;
}

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a request wants of a file. */
export type Selection =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly range: ByteRange }
  | { readonly kind: "unsatisfiable" }
  | { readonly kind: "unchanged" };

/** Reads If-None-Match, Range and If-Range (RFC 9110). Several ranges at once are answered with the whole file. */
export function selectionOf(headers: Headers, etag: string, size: number): Selection {
  const known = headers.get("if-none-match");
  if (known !== null && matches(known, etag)) return { kind: "unchanged" };
  const condition = headers.get("if-range");
  // A date is no match: files are told apart by their content here.
  if (condition !== null && condition.trim() !== `"${etag}"`) return { kind: "whole" };
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(headers.get("range")?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  const range =
    first === ""
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
  if (first !== "" && last !== "" && Number(last) < Number(first)) return { kind: "whole" };
  return range.start > range.end || range.start >= size ? { kind: "unsatisfiable" } : { kind: "part", range };
}

function matches(list: string, etag: string): boolean {
  return list.split(",").some((entry) => entry.trim() === "*" || entry.trim().replace(/^W\//, "") === `"${etag}"`);
}

/** The file, or the part that is wanted, as a download; the handle is closed with the answer. */
export async function fileResponse(request: Request, file: ServedFile, selection: Selection): Promise<Response> {
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    // A proxy or compression on the way would change the bytes that the checksum and ranges are of.
    "Cache-Control": "private, no-cache, no-transform",
    "Content-Disposition": contentDisposition(file.name),
    "Content-Type": file.contentType,
    ETag: `"${file.etag}"`,
    "X-Content-Type-Options": "nosniff",
  });
  if (selection.kind === "unsatisfiable") {
    await file.handle.close();
    const answer = problemResponse(new AppError("RANGE_NOT_SATISFIABLE", `The file has ${file.size} bytes.`));
    answer.headers.set("Content-Range", `bytes */${file.size}`);
    return answer;
  }
  const range = selection.kind === "part" ? selection.range : { start: 0, end: file.size - 1 };
  const isEmpty = selection.kind === "unchanged";
  if (selection.kind === "part") headers.set("Content-Range", `bytes ${range.start}-${range.end}/${file.size}`);
  const length = String(range.end - range.start + 1);
  if (!isEmpty) for (const name of ["Content-Length", LENGTH_HEADER]) headers.set(name, length);
  const status = { whole: 200, part: 206, unchanged: 304 }[selection.kind];
  if (isEmpty || request.method === "HEAD" || range.end < range.start) {
    await file.handle.close();
    return new Response(null, { status, headers });
  }
  const stream = file.handle.createReadStream({ ...range, highWaterMark: 256 * 1024 });
  // One that is cancelled before its first read would stay open.
  const close = () => stream.destroy();
  if (request.signal.aborted) close();
  request.signal.addEventListener("abort", close, { once: true });
  // Not Readable.toWeb: Node.js 20's reads on after the client has left, and throws where nobody catches it.
  return new Response(ReadableStream.from(stream) as globalThis.ReadableStream, { status, headers });
}

/** `attachment` with the name as RFC 6266 has it: for old clients in ASCII, for all others whole. */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${whole}`;
}
