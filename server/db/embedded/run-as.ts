import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

/** The unprivileged user for PostgreSQL when this process runs as root, which PostgreSQL refuses. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Runs a program as `user` (null: the current user) with English messages and waits for it.
 * @returns the exit code (-1 if it could not be started) and the output
 */
export function runAs(
  user: ServerUser | null,
  command: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    // cwd "/": the user may lack access to the current folder. detached: Ctrl-C in the terminal must not reach it.
    const child = spawn(command, args, {
      cwd: "/",
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // An empty environment: ours contains secrets, and variables that would affect PostgreSQL.
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

/** Returns the first of `postgres` and `nobody` that exists on this machine. */
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

/** Returns whether `user` can access `folder`, including all parent folders and access control lists. */
export async function canReach(user: ServerUser, folder: string): Promise<boolean> {
  const { code } = await runAs(user, "/bin/sh", ["-c", 'cd "$0"', folder]);
  return code === 0;
}
