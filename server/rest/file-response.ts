import type { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { z } from "zod";
import type { ByteRange, FileStore } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { LENGTH_HEADER } from "./length-header";

const file = z.file();

/** The responses of a download. */
export const fileAnswers = {
  200: file.describe("The whole file"),
  206: file.describe("The bytes in the requested range"),
};

export interface ServedFile {
  readonly store: FileStore;
  readonly key: string;
  readonly modifiedAt: Date;
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  /** Identifies the content: a strong validator. */
  readonly etag: string;
}

/** The part of a file to send, or the reason to send none. */
type Selection =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly range: ByteRange }
  | { readonly kind: "unsatisfiable" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "changed" };

/** Evaluates the preconditions in the order of RFC 9110, 13.2.2, then Range. */
function selectionOf(headers: Headers, { etag, size, modifiedAt }: ServedFile): Selection {
  const match = headers.get("if-match");
  const unmodifiedSince = httpDate(headers.get("if-unmodified-since"));
  if (match !== null ? !hasStrong(match, etag) : unmodifiedSince !== null && seconds(modifiedAt) > unmodifiedSince) {
    return { kind: "changed" };
  }
  const noneMatch = headers.get("if-none-match");
  const modifiedSince = httpDate(headers.get("if-modified-since"));
  if (noneMatch !== null ? hasWeak(noneMatch, etag) : modifiedSince !== null && seconds(modifiedAt) <= modifiedSince) {
    return { kind: "unchanged" };
  }
  const condition = headers.get("if-range");
  // A date never matches, because a file can change twice within one second.
  if (condition !== null && condition.trim() !== `"${etag}"`) return { kind: "whole" };
  return rangeOf(headers.get("range"), size);
}

/** The maximum length of a Range header, because matching thousands of spaces takes quadratic time. */
const MAX_RANGE_HEADER_LENGTH = 100;

/** Returns the whole file for several ranges and for an invalid Range header. */
function rangeOf(header: string | null, size: number): Selection {
  if (header !== null && header.length > MAX_RANGE_HEADER_LENGTH) return { kind: "whole" };
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  const range =
    first === ""
      ? { start: Math.max(0, size - Number(last)), end: size - 1 }
      : { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
  if (first !== "" && last !== "" && Number(last) < Number(first)) return { kind: "whole" };
  return range.start > range.end || range.start >= size ? { kind: "unsatisfiable" } : { kind: "part", range };
}

const entriesOf = (list: string) => list.match(/\*|(?:W\/)?"[^"]*"/g) ?? [];

function hasStrong(list: string, etag: string): boolean {
  return entriesOf(list).some((entry) => entry === "*" || entry === `"${etag}"`);
}

function hasWeak(list: string, etag: string): boolean {
  return entriesOf(list).some((entry) => entry === "*" || entry.replace(/^W\//, "") === `"${etag}"`);
}

/** Returns the seconds since 1970 of an HTTP date; null for other text, which RFC 9110 requires to be ignored. */
function httpDate(text: string | null): number | null {
  if (text === null || !/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return null;
  const date = new Date(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date.getTime()) ? null : seconds(date);
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1_000);

/**
 * Responds to a download: the file, a byte range of it, a redirect to the object store, or neither. HEAD has the status
 * and header fields of GET.
 * @param options.record records the download and its range, before any byte is sent
 * @param options.presign whether to redirect to a URL of the object store, if it supports this
 * @throws AppError PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE; files.*
 */
export async function fileResponse(
  request: Request,
  file: ServedFile,
  options: { readonly record: (range: ByteRange | undefined) => Promise<void>; readonly presign: boolean },
): Promise<Response> {
  const selection = selectionOf(request.headers, file);
  if (selection.kind === "changed") throw new AppError("request.precondition_failed", {});
  if (selection.kind === "unsatisfiable") {
    const headers = { "Content-Range": `bytes */${file.size}` };
    throw new AppError("request.range_not_satisfiable", { size: file.size }, { headers });
  }
  const range = selection.kind === "part" ? selection.range : undefined;
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  const headers = headersOf(file);
  if (selection.kind === "unchanged") return new Response(null, { status: 304, headers });
  if (range) headers.set("Content-Range", `bytes ${start}-${end}/${file.size}`);
  for (const name of ["Content-Length", LENGTH_HEADER]) headers.set(name, String(end - start + 1));
  const status = range ? 206 : 200;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const url = options.presign ? await presignedUrl(file) : null;
  // Opened before it is recorded, since it may be missing.
  const stream = url === null && end >= start ? await file.store.open(file.key, { start, end }) : null;
  try {
    await options.record(range);
  } catch (error) {
    stream?.destroy();
    throw error;
  }
  if (url !== null) return redirectTo(url);
  return new Response(stream && bodyOf(request, stream), { status, headers });
}

/** The object store evaluates Range itself. */
async function presignedUrl({ store, key, name, contentType }: ServedFile): Promise<string | null> {
  return await store.downloadUrl(key, { disposition: contentDisposition(name), contentType });
}

function redirectTo(url: string): Response {
  return new Response(null, { status: 307, headers: { Location: url, "Cache-Control": "no-store" } });
}

function headersOf(file: ServedFile): Headers {
  return new Headers({
    "Accept-Ranges": "bytes",
    // A proxy that compresses the file would invalidate its ranges and checksum.
    "Cache-Control": "private, no-cache, no-transform",
    "Content-Disposition": contentDisposition(file.name),
    "Content-Type": file.contentType,
    ETag: `"${file.etag}"`,
    "Last-Modified": file.modifiedAt.toUTCString(),
    "X-Content-Type-Options": "nosniff",
  });
}

function bodyOf({ signal }: Request, stream: Readable): globalThis.ReadableStream {
  // A stream that is cancelled before its first read would never be closed.
  const close = () => stream.destroy();
  if (signal.aborted) close();
  signal.addEventListener("abort", close, { once: true });
  // Not Readable.toWeb, which in Node.js 20 reads on after the client has disconnected, and throws uncaught.
  return ReadableStream.from(stream) as globalThis.ReadableStream;
}

/** Returns an `attachment` header with the file's name in ASCII for old clients and in UTF-8 for others (RFC 6266). */
export function contentDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${whole}`;
}
