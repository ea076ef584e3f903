import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { AppError, causeCode } from "@/server/lib/errors";
import { openWithStats } from "@/server/lib/open-file";
import { StartError } from "@/server/process/start-error";

/** The input of a command. */
export interface Input {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The size in bytes; undefined if it is unknown, as for standard input. */
  readonly size?: number;
  readonly lastModified?: Date;
}

const BLOCK_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "the file does not exist",
  EACCES: "this user has no read permission",
  EISDIR: "it is a folder",
};

/**
 * Opens a file, or standard input for `-`.
 * @throws StartError with a line for the user; AppError if reading fails later
 */
export async function openInput(file: string): Promise<Input> {
  if (file === "-") return { name: "stdin", bytes: process.stdin };
  try {
    const { handle, stats } = await openWithStats(file, "r");
    // Opening a folder succeeds; only reading it fails.
    if (stats.isDirectory()) {
      await handle.close();
      throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    }
    return {
      name: path.basename(file),
      bytes: readFile(handle, file),
      size: stats.isFile() ? stats.size : undefined,
      lastModified: stats.isFile() ? stats.mtime : undefined,
    };
  } catch (error) {
    throw new StartError(reasonOf(file, error), { cause: error });
  }
}

async function* readFile(handle: FileHandle, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* handle.createReadStream({ highWaterMark: BLOCK_BYTES });
  } catch (error) {
    throw new AppError("cli.unreadable", { text: reasonOf(file, error) }, { cause: error });
  }
}

function reasonOf(file: string, error: unknown): string {
  const code = causeCode(error) ?? "";
  return `${file} cannot be read: ${REASONS[code] ?? code}.`;
}
