import { once } from "node:events";
import type { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** Bytes of XML that may wait for the compression. */
const MAX_WAITING = 1024 * 1024;

/**
 * Resolves when the workbook's compression and file keep up with the rows written. exceljs writes without looking
 * whether anybody takes it, so that all of a sheet could wait in memory: this looks at the stream behind its sheet.
 * @throws when nobody reads the workbook any more
 */
export async function backlogOf(sheet: object, output: PassThrough): Promise<void> {
  // Promises that are kept already would keep this loop from hearing what was compressed and written meanwhile.
  await setImmediate();
  if (output.destroyed) throw output.errored ?? new Error("nobody reads the workbook any more");
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

/** archiver's stream is of readable-stream 2, which has no other word for what waits. */
type Pipe = NodeJS.EventEmitter & { readonly _writableState: { readonly length: number } };

/** Where exceljs's own stream of a sheet is piped to. */
function pipesOf(sheet: object): Pipe[] {
  const stream: unknown = "stream" in sheet ? sheet.stream : undefined;
  const pipes: unknown = typeof stream === "object" && stream !== null && "pipes" in stream ? stream.pipes : undefined;
  if (!Array.isArray(pipes) || !pipes.every(isPipe)) {
    throw new Error("exceljs's sheet is not piped as it was; its version is pinned.");
  }
  return pipes;
}

function isPipe(value: unknown): value is Pipe {
  return typeof value === "object" && value !== null && "_writableState" in value && "once" in value;
}
