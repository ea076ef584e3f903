import { readdir, readFile } from "node:fs/promises";

/** Returns the bytes that the engine has read from files, cached or not. */
export async function engineBytes(): Promise<number> {
  const [io] = await engineFiles("io");
  return Number(/rchar: (\d+)/.exec(io ?? "")?.[1] ?? Number.NaN);
}

/** Returns the largest memory that the engine has had. */
export async function engineMemory(): Promise<string> {
  const [status] = await engineFiles("status");
  return /VmHWM:\s*(\d+ kB)/.exec(status ?? "")?.[1] ?? "unknown";
}

/** Returns a file of /proc of each engine that this process started. */
async function engineFiles(name: "io" | "status"): Promise<string[]> {
  const files: string[] = [];
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const [command, status] = await Promise.all(
      ["cmdline", "status"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    const isOurs = new RegExp(`^PPid:\\s*${process.pid}$`, "m").test(status ?? "");
    if (isOurs && command?.split("\0").includes("explore")) files.push(await readFile(`/proc/${pid}/${name}`, "utf8"));
  }
  return files;
}
