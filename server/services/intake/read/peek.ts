import { setTimeout as sleep } from "node:timers/promises";

const LINE_FEED = 10;
/** A source that gives nothing for so long, such as `tail -f`, is judged by the lines that it gave. */
const PATIENCE_MS = 500;

/**
 * The first bytes of a stream and the whole stream: at least `size`, unless there are fewer, or whole lines alone for
 * half a second. Whoever stops reading `all` early stops the stream.
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
    const read: IteratorResult<Uint8Array> | undefined = hasLine ? await soon(next) : await next;
    if (read === undefined || read.done) break;
    parts.push(read.value);
    length += read.value.length;
    hasLine ||= read.value.includes(LINE_FEED);
    next = iterator.next();
  }
  // Its failure belongs to whoever reads on.
  next.catch(() => {});
  const head = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  return { head, all: resume(head, next, iterator) };
}

async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
  const patience = new AbortController();
  try {
    return await Promise.race([promise, sleep(PATIENCE_MS, undefined, { signal: patience.signal })]);
  } finally {
    patience.abort();
  }
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
