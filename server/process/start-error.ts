/** A condition that prevents the start and that the user can fix. The message is the only line shown. */
export class StartError extends Error {
  override name = "StartError";
}

const ADVICE: Record<string, string> = {
  EACCES: "is not readable and writable for this user. Change its permissions, or set DATA_DIR to another folder.",
  EPERM: "is not readable and writable for this user. Change its permissions, or set DATA_DIR to another folder.",
  EROFS: "is on a read-only file system. Set DATA_DIR to another folder.",
  ENOTDIR: "is not a folder. Delete the file of that name, or set DATA_DIR to another folder.",
  ENOENT: "cannot be made. Create it, or set DATA_DIR to another folder.",
  ENAMETOOLONG: "has too long a name. Set DATA_DIR to another folder.",
  ELOOP: "contains a loop of symbolic links. Set DATA_DIR to another folder.",
  EIO: "is on a failing disk. Set DATA_DIR to a folder on another disk.",
  EEXIST: "is not a folder. Delete the file of that name, or set DATA_DIR to another folder.",
  ENOSPC: "is on a full disk. Free some space, or set DATA_DIR to a folder on another disk.",
  EDQUOT: "is over its disk quota. Free some space, or set DATA_DIR to a folder on another disk.",
};

export function isFileError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Converts a file system error about `folder` to a line for the user. Other errors are returned unchanged. */
export function explainFileError(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return error;
  const advice = ADVICE[String(error.code)];
  return advice === undefined ? error : new StartError(`${folder} ${advice}`, { cause: error });
}
