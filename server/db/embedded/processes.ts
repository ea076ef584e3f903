import { readFileSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";

/**
 * Returns whether a process with this ID is running, under any user. A zombie does not count: in a container without an
 * init process it remains until the container stops.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return !isZombie(pid);
}

export function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^ [ZX] /.test(stat.slice(stat.lastIndexOf(")") + 1));
  } catch {
    return false;
  }
}

/** Returns whether a process has `folder` as its working directory, as PostgreSQL's processes do (Linux). */
export async function hasProcessIn(folder: string): Promise<boolean> {
  const numbers = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(numbers.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return folders.includes(folder);
}
