import { readFileSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";

/**
 * Whether a process of that number runs, ours or another user's. A dead one that its parent has not
 * collected does not: in a container without an init process it stays for good.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return !isUncollected(pid);
}

export function isUncollected(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^ [ZX] /.test(stat.slice(stat.lastIndexOf(")") + 1));
  } catch {
    return false;
  }
}

/** Whether a process works in `folder`, as all of PostgreSQL's do in their data directory (Linux). */
export async function hasProcessIn(folder: string): Promise<boolean> {
  const numbers = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(numbers.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return folders.includes(folder);
}
