import { encodingOf } from "@/server/catalog/encodings";
import { AppError, fieldError } from "@/server/lib/errors";
import { peek } from "./peek";

const LINE_FEED = 10;
/** Maximum bytes without a line feed; longer lines are decoded in parts. */
const MAX_PENDING_BYTES = 1024 * 1024;

/**
 * Converts text of any encoding to UTF-8. Lines that are invalid in the named encoding are passed unchanged, and the
 * format decides on them. Leading NUL bytes, left by a log rotation, are skipped.
 * @param named the encoding, by any name of the WHATWG standard; without it UTF-8, or UTF-16 by its byte order mark
 * @throws AppError UNPROCESSABLE for an unknown encoding
 */
export async function decodeText(
  chunks: AsyncIterable<Uint8Array>,
  named: string | undefined,
): Promise<AsyncGenerator<Uint8Array>> {
  if (named !== undefined) return decodeAs(chunks, knownEncoding(named));
  const { head, all } = await peek(chunks, 2);
  if (head[0] === 0xff && head[1] === 0xfe) return decodeAs(all, "utf-16le");
  if (head[0] === 0xfe && head[1] === 0xff) return decodeAs(all, "utf-16be");
  // A single NUL is half of a UTF-16 character; a log rotation leaves many.
  return head[0] === 0 && head[1] !== 0 ? all : skipNuls(all);
}

function knownEncoding(named: string): string {
  const encoding = encodingOf(named);
  if (encoding !== undefined) return encoding;
  throw new AppError(
    "intake.unknown_encoding",
    { name: JSON.stringify(named) },
    { errors: [fieldError("encoding", "input.encoding", {})] },
  );
}

function decodeAs(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  if (encoding === "utf-8") return skipNuls(chunks);
  return encoding.startsWith("utf-16") ? decodeWide(chunks, encoding) : decodeLines(skipNuls(chunks), encoding);
}

async function* skipNuls(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let hasStarted = false;
  for await (const chunk of chunks) {
    const at = hasStarted ? 0 : chunk.findIndex((byte) => byte !== 0);
    if (at === -1) continue;
    hasStarted = true;
    yield at === 0 ? chunk : chunk.subarray(at);
  }
}

async function* decodeWide(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== "") yield Buffer.from(text);
  }
  const rest = decoder.decode();
  if (rest !== "") yield Buffer.from(rest);
}

/** In all encodings except UTF-16, a line feed byte is part of no other character. */
async function* decodeLines(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decoded = (bytes: Uint8Array): Uint8Array | undefined => {
    try {
      return Buffer.from(decoder.decode(bytes));
    } catch {
      return undefined;
    }
  };
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end === 0 && pendingBytes < MAX_PENDING_BYTES) {
      pending.push(chunk);
      pendingBytes += chunk.length;
      continue;
    }
    const block = Buffer.concat([...pending, end === 0 ? chunk : chunk.subarray(0, end)]);
    pending = end === 0 || end === chunk.length ? [] : [chunk.subarray(end)];
    pendingBytes = pending[0]?.length ?? 0;
    yield decoded(block) ?? Buffer.concat(linesOf(block).map((line) => decoded(line) ?? line));
  }
  if (pendingBytes > 0) {
    const rest = Buffer.concat(pending);
    yield decoded(rest) ?? rest;
  }
}

/** Lines including their line feeds. */
function linesOf(block: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < block.length; ) {
    const found = block.indexOf(LINE_FEED, start);
    const end = found === -1 ? block.length : found + 1;
    lines.push(block.subarray(start, end));
    start = end;
  }
  return lines;
}
