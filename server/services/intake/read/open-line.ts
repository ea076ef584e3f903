import type { IntakeFormat } from "@/server/catalog/formats";
import { MAX_EVENT_BYTES } from "../events/event-limit";

const LINE_FEED = 10;

/**
 * Drops a last line without a line feed: in a log that is being written it is incomplete. JSON shows whether it is
 * complete; CSV is written as a whole.
 * @param onDropped called when a line was dropped
 */
export async function* dropOpenLine(
  chunks: AsyncIterable<Uint8Array>,
  format: IntakeFormat,
  onDropped: () => void,
): AsyncGenerator<Uint8Array> {
  if (format !== "combined" && format !== "ndjson") {
    yield* chunks;
    return;
  }
  let open: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end !== -1) {
      for (const part of open) yield part;
      yield chunk.subarray(0, end + 1);
      open = [];
      size = 0;
    }
    const rest = chunk.subarray(end + 1);
    if (rest.length > 0) open.push(rest);
    size += rest.length;
    // An event of this size is rejected, whether it is complete or not.
    if (size <= MAX_EVENT_BYTES) continue;
    for (const part of open) yield part;
    open = [];
  }
  if (open.length === 0) return;
  const line = Buffer.concat(open);
  if (format === "ndjson" && isJson(line.toString("utf8"))) yield line;
  else if (line.toString("utf8").trim() !== "") onDropped();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
