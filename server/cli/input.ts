import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { causeCode } from "@/server/errors";
import { StartError } from "@/server/runtime/start-error";

/** What a command reads. */
export interface Input {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes; undefined where nobody knows, as of standard input. */
  readonly size?: number;
  readonly lastModified?: Date;
}

const BLOCK_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

/**
 * Opens a file, or standard input for `-`.
 * @throws StartError with a line for the user; while reading too
 */
export async function openInput(file: string): Promise<Input> {
  if (file === "-") return { name: "stdin", bytes: process.stdin };
  try {
    const stats = await stat(file);
    return {
      name: path.basename(file),
      bytes: readFile(file),
      size: stats.isFile() ? stats.size : undefined,
      lastModified: stats.isFile() ? stats.mtime : undefined,
    };
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: BLOCK_BYTES });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): StartError {
  const code = causeCode(error) ?? "";
  return new StartError(`${file} cannot be read: ${REASONS[code] ?? code}.`, { cause: error });
}
