import { open } from "node:fs/promises";

/** Syncs a folder's directory entries (creations, renames, removals) to disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
