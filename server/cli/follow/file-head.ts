import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Position } from "./position-store";

export const HEAD_BYTES = 1024;

export interface Head {
  readonly head: string;
  readonly headBytes: number;
}

/** Hashes the first bytes of a file. @param headBytes how many; fewer if the file is shorter */
export async function readHead(handle: FileHandle, headBytes = HEAD_BYTES): Promise<Head> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  return { head: createHash("sha256").update(buffer.subarray(0, bytesRead)).digest("hex"), headBytes: bytesRead };
}

/** Whether a file still begins as when its position was stored, and has not become shorter. */
export async function hasSameBeginning(handle: FileHandle, known: Head & { readonly bytes: number }): Promise<boolean> {
  if ((await handle.stat()).size < known.bytes) return false;
  const { head, headBytes } = await readHead(handle, Math.max(1, known.headBytes));
  return known.headBytes === 0 || (headBytes === known.headBytes && head === known.head);
}

/** Whether `file` is the file of a position, also under another name; or a copy of it, as copytruncate makes. */
export async function matches(file: string, known: Position, copies: boolean): Promise<boolean> {
  try {
    const handle = await open(file, "r");
    try {
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) return false;
      // The device number of a disk can change when it is mounted again.
      const isSame = String(stats.ino) === known.ino && (String(stats.dev) === known.dev || file === known.path);
      if (!isSame && !(copies && known.headBytes === HEAD_BYTES)) return false;
      return await hasSameBeginning(handle, known);
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}
