import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import type { Config } from "@/server/process/config";

const FOLDER = "exports";

/** Where the files of exports are, absolute. */
export function exportsFolder(config: Pick<Config, "dataDir">): string {
  return path.join(config.dataDir, FOLDER);
}

/** How the outside names a file: relative to DATA_DIR. */
export function filePathOf(fileName: string): string {
  return `${FOLDER}/${fileName}`;
}

/**
 * The name of the file that `filePath` means: an export's file_path, or its absolute path, to the letter. No path is
 * made of what a caller sends: the name is looked up among the exports and nothing else is ever opened.
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

/** Makes a rename or a removal in `folder` outlive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const PART = /^\.([0-9a-f-]{36})\.[0-9a-f-]{36}\.part$/;

/** A new name in the exports folder for a file that is being written by a job. */
export function partName(jobId: string, unique: string): string {
  return `.${jobId}.${unique}.part`;
}

/** The job whose file that is being written has this name. */
export function jobOfPart(name: string): string | undefined {
  return PART.exec(name)?.[1];
}
