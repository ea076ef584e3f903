import { within } from "@/server/lib/within";

const LINE_FEED = 10;
/** How long to wait for a slow source, such as `tail -f`, before the received lines are used. */
const WAIT_MS = 500;

/**
 * Returns the first bytes of a stream and the whole stream: at least `size` bytes, unless there are fewer, or complete
 * lines after half a second of silence. Stopping the iteration of `all` early stops the stream.
 */
export async function peek(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  let hasLine = false;
  let next = iterator.next();
  while (length < size) {
    const read: IteratorResult<Uint8Array> | undefined = hasLine ? await within(next, WAIT_MS) : await next;
    if (read === undefined || read.done) break;
    parts.push(read.value);
    length += read.value.length;
    hasLine ||= read.value.includes(LINE_FEED);
    next = iterator.next();
  }
  // Its failure is reported when the iteration continues.
  next.catch(() => {});
  const head = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  return { head, all: resume(head, next, iterator) };
}

async function* resume(
  head: Uint8Array,
  first: Promise<IteratorResult<Uint8Array>>,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await first; !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
