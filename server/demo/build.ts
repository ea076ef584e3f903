import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { StartError } from "@/server/runtime/start-error";

const SOURCES = ["app", "components", "messages", "patches", "server"];
const FILES = ["next.config.mjs", "package-lock.json", "postcss.config.mjs", "tsconfig.json"];

/** Whether .next is newer than everything it is made of. */
export async function isBuildFresh(): Promise<boolean> {
  const built = await mtime(".next/BUILD_ID");
  if (built === 0) return false;
  const times = await Promise.all([...SOURCES.map(newestIn), ...FILES.map(mtime)]);
  return Math.max(...times) < built;
}

/** Runs `next build` silently. @throws StartError with what it printed when it fails */
export function build(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "build"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      signal,
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      process.stderr.write(output);
      reject(new StartError("The build failed; what it printed is above."));
    });
  });
}

async function mtime(file: string): Promise<number> {
  return stat(file).then(
    (stats) => stats.mtimeMs,
    () => 0,
  );
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name));
  const times = await Promise.all(files.map((entry) => mtime(path.join(entry.parentPath, entry.name))));
  return Math.max(0, ...times);
}
