import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import path from "node:path";
import { AppError, causeCode, NO_ROOM_CODES } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "the folder does not exist",
  ENOTDIR: "the folder does not exist",
  EACCES: "this user has no write permission there",
  EROFS: "the disk is read-only",
  EPIPE: "its reader has exited",
};

/** @throws StartError if `file` cannot be created or replaced, or is not a file */
export async function requireWritable(file: string): Promise<void> {
  try {
    await access(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw explainOutputError(error, file);
  }
  const existing = await lstat(file).catch(() => undefined);
  if (existing && !existing.isFile()) throw new StartError(`${file} cannot be written: it is not a regular file.`);
}

/** Converts an error of a file that is written into a line for the user. Other errors are unchanged. */
export function explainOutputError(error: unknown, file: string): unknown {
  // These have a message for the user, and a cause that is not this file.
  if (error instanceof AppError || error instanceof StartError) return error;
  const code = causeCode(error) ?? "";
  const reason = NO_ROOM_CODES.has(code) ? "the disk is full" : REASONS[code];
  return reason ? new StartError(`${file} cannot be written: ${reason}.`, { cause: error }) : error;
}
