import { once } from "node:events";
import { type PassThrough, Writable } from "node:stream";

/** Bytes of XML that may wait for the compression. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Resolves when the workbook's compression and file keep up with the rows written. exceljs writes without looking
 * whether anybody takes it, so that a slow disk would fill the memory: this looks at the stream behind its sheet.
 * @throws when nobody reads the workbook any more
 */
export async function backlogOf(sheet: object, output: PassThrough): Promise<void> {
  if (output.destroyed) throw output.errored ?? new Error("nobody reads the workbook any more");
  for (const pipe of pipesOf(sheet)) {
    if (pipe.writableLength <= MOST_WAITING) continue;
    const left = new AbortController();
    try {
      await Promise.race([
        once(pipe, "drain", { signal: left.signal }),
        once(output, "close", { signal: left.signal }),
      ]);
    } finally {
      left.abort();
    }
  }
}

/** Where exceljs's own stream of a sheet is piped to. */
function pipesOf(sheet: object): PipeLike[] {
  const stream: unknown = "stream" in sheet ? sheet.stream : undefined;
  if (typeof stream !== "object" || stream === null || !("pipes" in stream) || !Array.isArray(stream.pipes)) return [];
  return stream.pipes.filter((pipe): pipe is PipeLike => pipe instanceof Writable || isPipeLike(pipe));
}

type PipeLike = NodeJS.EventEmitter & { readonly writableLength: number };

function isPipeLike(value: unknown): value is PipeLike {
  return typeof value === "object" && value !== null && "writableLength" in value && "once" in value;
}
