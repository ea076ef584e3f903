import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

/** The unprivileged user that PostgreSQL runs as when we are root; it refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Runs a program to its end as `user` (null: as ourselves), with English messages.
 * @returns its exit code (-1 when it could not be started) and what it printed
 */
export function runAs(
  user: ServerUser | null,
  command: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // cwd "/": the user may not be allowed in ours. detached: Ctrl-C in the terminal is not for it.
    const child = spawn(command, args, {
      cwd: "/",
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Nothing of ours: the environment holds secrets, and variables that PostgreSQL would heed.
      env: { NODE_ENV: "production", LC_ALL: "C", TZ: "UTC" },
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.once("error", (error) => resolve({ code: -1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

/** The first of `postgres` and `nobody` that this machine knows. */
export async function findServerUser(): Promise<ServerUser | null> {
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([idOf("-u", name), idOf("-g", name)]);
    if (uid && gid) return { name, uid, gid };
  }
  return null;
}

async function idOf(flag: "-u" | "-g", name: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)("id", [flag, name]);
    return Number(stdout.trim());
  } catch {
    return undefined;
  }
}

/** Whether `user` may go into `folder`: all folders above it count, and access lists do too. */
export async function canReach(user: ServerUser, folder: string): Promise<boolean> {
  const { code } = await runAs(user, "/bin/sh", ["-c", 'cd "$0"', folder]);
  return code === 0;
}
