import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import type { Config } from "@/server/process/config";

const FOLDER = "exports";

/** The absolute path of the exports folder. */
export function exportsFolder(config: Pick<Config, "dataDir">): string {
  return path.join(config.dataDir, FOLDER);
}

/** The external path of a file: relative to DATA_DIR. */
export function filePathOf(fileName: string): string {
  return `${FOLDER}/${fileName}`;
}

/**
 * Returns the file name of `filePath`, which must exactly equal an export's file_path or its absolute path. No path is
 * built from user input: the name is looked up among the exports, and no other file is opened.
 */
export function fileNameOf(config: Pick<Config, "dataDir">, filePath: string): string | undefined {
  const folders = [`${FOLDER}/`, exportsFolder(config) + path.sep];
  const folder = folders.find((start) => filePath.startsWith(start));
  const name = folder === undefined ? undefined : filePath.slice(folder.length);
  return name === undefined || name === "" || /[/\\\0]/.test(name) ? undefined : name;
}

export async function ensureExportsFolder(config: Pick<Config, "dataDir">): Promise<string> {
  const folder = exportsFolder(config);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Syncs a rename or removal in `folder` to disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const PART = /^\.([0-9a-f-]{36})\.[0-9a-f-]{36}\.part$/;

/** A unique name in the exports folder for a file that a job is writing. */
export function partName(jobId: string, unique: string): string {
  return `.${jobId}.${unique}.part`;
}

/** The job that writes the partial file with this name. */
export function jobOfPart(name: string): string | undefined {
  return PART.exec(name)?.[1];
}
