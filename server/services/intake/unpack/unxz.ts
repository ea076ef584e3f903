type Library = typeof import("xz-decompress");

/** A CommonJS module: its exports are properties of the default export, which its types lack. */
const library: Library & { default?: Library } = await import("xz-decompress");
const { XzReadableStream } = library.default ?? library;

/** The last two bytes of each stream. */
const FOOTER = Buffer.from("YZ");
const FIRST_BYTE = 0xfd;

/**
 * Unpacks xz: all streams, one after another, with padding between them.
 * @throws Error for a truncated or corrupted archive
 */
export async function* unxz(read: () => Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  const source = makeSource(read);
  do {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const part = source.next();
      if (part) controller.enqueue(part);
      else controller.close();
    };
    // Not ahead: a part in its queue would be lost at the end of a stream.
    const input = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    const reader = new XzReadableStream(input).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } while (source.skipPadding());
}

/**
 * Divides the bytes behind each possible footer. The decoder does not report how many bytes it used, but a stream that
 * it has finished ends with the last part that it was given.
 */
function makeSource(read: () => Uint8Array | undefined) {
  let rest: Buffer = Buffer.alloc(0);
  const fill = (): boolean => {
    const chunk = read();
    if (chunk) rest = Buffer.concat([rest, chunk]);
    return chunk !== undefined;
  };
  return {
    next(): Uint8Array | undefined {
      while (rest.length < FOOTER.length) if (!fill()) break;
      if (rest.length === 0) return undefined;
      const found = rest.indexOf(FOOTER);
      // A last Y may be the beginning of a footer.
      const whole = rest.at(-1) === FOOTER[0] && rest.length > 1 ? rest.length - 1 : rest.length;
      const end = found === -1 ? whole : found + FOOTER.length;
      const part = rest.subarray(0, end);
      rest = rest.subarray(end);
      return part;
    },
    /** @returns whether another stream follows */
    skipPadding(): boolean {
      for (;;) {
        const at = rest.findIndex((byte) => byte !== 0);
        rest = at === -1 ? Buffer.alloc(0) : rest.subarray(at);
        if (rest.length > 0) break;
        if (!fill()) return false;
      }
      if (rest[0] !== FIRST_BYTE) throw new Error("there are other bytes behind the end");
      return true;
    },
  };
}
