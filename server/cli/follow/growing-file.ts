import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, causeCode } from "@/server/lib/errors";
import { HEAD_BYTES, hasSameBeginning, readHead } from "./file-head";
import type { Position } from "./position-store";

const BLOCK_BYTES = 256 * 1024;
const POLL_MS = 250;
/** A file that was replaced is read until nothing was written to it for this long. */
const QUIET_MS = 1_000;
const LINE_FEED = 10;

export interface GrowingFile {
  /** Complete lines, from the start of the file. */
  readonly lines: AsyncGenerator<Uint8Array>;
  /** Whether the file was truncated or its beginning changed, which ended the lines. */
  isTruncated(): boolean;
  hasBytes(): boolean;
  /** The bytes of complete lines that were read. */
  bytes(): number;
}

/**
 * Reads a file that is still written, by polling, which network file systems need. A last line is held back until its
 * line feed.
 * @param isEnding whether the lines end once nothing more is written
 * @param isFinal whether a last line without a line feed is complete
 */
export function readGrowing(
  handle: FileHandle,
  known: Position,
  signal: AbortSignal,
  { isEnding, isFinal }: { readonly isEnding: () => boolean; readonly isFinal: boolean },
): GrowingFile {
  let at = 0;
  let complete = 0;
  let isTruncated = false;
  const isSame = () => hasSameBeginning(handle, { ...known, bytes: at });

  async function* lines(): AsyncGenerator<Uint8Array> {
    let held: Uint8Array[] = [];
    let quietSince = Date.now();
    let hasWaited = false;
    while (!signal.aborted) {
      const { bytesRead, buffer } = await handle
        .read(Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, at)
        .catch((error: unknown) => {
          const text = `${known.path} cannot be read: ${causeCode(error) ?? "unknown error"}.`;
          throw new AppError("cli.unreadable", { text }, { cause: error });
        });
      // After a pause, the bytes at this place may be those of another content.
      if ((bytesRead === 0 || hasWaited) && !(await isSame())) {
        isTruncated = true;
        return;
      }
      hasWaited = bytesRead === 0;
      if (bytesRead === 0) {
        if (isEnding() && Date.now() - quietSince >= QUIET_MS) break;
        await sleep(POLL_MS, undefined, { signal }).catch(() => {});
        continue;
      }
      quietSince = Date.now();
      if (known.headBytes < HEAD_BYTES) Object.assign(known, await readHead(handle));
      at += bytesRead;
      const chunk = buffer.subarray(0, bytesRead);
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      if (end > 0) {
        yield* held;
        yield chunk.subarray(0, end);
        held = [];
        complete = at - (chunk.length - end);
      }
      if (end < chunk.length) held.push(chunk.subarray(end));
    }
    if (isFinal && !signal.aborted) yield* held;
  }

  return { lines: lines(), isTruncated: () => isTruncated, hasBytes: () => at > 0, bytes: () => complete };
}
