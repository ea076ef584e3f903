import type { Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Opens a file for reading and returns its handle and stats; the caller closes the handle. */
export async function openWithStats(
  file: string,
  flags: string | number,
): Promise<{ readonly handle: FileHandle; readonly stats: Stats }> {
  const handle = await open(file, flags);
  try {
    return { handle, stats: await handle.stat() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
