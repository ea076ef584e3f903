/** A reason not to start (or go on) that the user can mend; the message is the one line they see. */
export class StartError extends Error {
  override name = "StartError";
}

const ADVICE: Record<string, string> = {
  EACCES: "is not readable and writable for this user. Change its rights, or set DATA_DIR to another folder.",
  EPERM: "is not readable and writable for this user. Change its rights, or set DATA_DIR to another folder.",
  EROFS: "is on a read-only file system. Set DATA_DIR to another folder.",
  ENOTDIR: "is not a folder. Remove the file in its way, or set DATA_DIR to another folder.",
  EEXIST: "is not a folder. Remove the file in its way, or set DATA_DIR to another folder.",
  ENOSPC: "is on a full disk. Free some space, or set DATA_DIR to a folder on another disk.",
  EDQUOT: "is over its disk quota. Free some space, or set DATA_DIR to a folder on another disk.",
};

/** A file-system error about `folder` as a line for the user; any other error as it is. */
export function explainFileError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const advice = ADVICE[String(error.code)];
  return advice === undefined ? error : new StartError(`${folder} ${advice}`, { cause: error });
}
