import { once } from "node:events";
import type { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** Maximum bytes of XML that wait for compression. */
const MAX_WAITING = 1024 * 1024;

/**
 * Resolves when the workbook's compression and file have caught up with the written rows. exceljs ignores backpressure,
 * so that a whole sheet could be buffered in memory; this checks the stream behind the sheet.
 * @throws when the workbook is no longer read
 */
export async function backlogOf(sheet: object, output: PassThrough): Promise<void> {
  // Resolved promises alone would keep the event loop from compressing and writing.
  await setImmediate();
  if (output.destroyed) throw output.errored ?? new Error("the workbook is no longer read");
  for (const pipe of pipesOf(sheet)) {
    if (pipe._writableState.length <= MAX_WAITING) continue;
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

/** archiver uses readable-stream 2, which exposes the buffered amount only here. */
type Pipe = NodeJS.EventEmitter & { readonly _writableState: { readonly length: number } };

/** The destination of exceljs's own sheet stream. */
function pipesOf(sheet: object): Pipe[] {
  const stream: unknown = "stream" in sheet ? sheet.stream : undefined;
  const pipes: unknown = typeof stream === "object" && stream !== null && "pipes" in stream ? stream.pipes : undefined;
  if (!Array.isArray(pipes) || !pipes.every(isPipe)) {
    throw new Error("exceljs's sheet is piped differently than in the pinned version.");
  }
  return pipes;
}

function isPipe(value: unknown): value is Pipe {
  return typeof value === "object" && value !== null && "_writableState" in value && "once" in value;
}
