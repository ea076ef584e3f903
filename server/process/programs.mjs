import { readdir, stat } from "node:fs/promises";
import path from "node:path";

/** What runs as a process or thread of its own, by the name that `node server/process/run.mjs NAME` takes. */
export const programs = {
  start: "server/start/main.ts",
  web: "server/web/main.ts",
  worker: "server/worker/main.ts",
  cli: "server/cli/main.ts",
  demo: "server/demo/main.ts",
  "export-thread": "server/services/exports/thread.ts",
};

/** Where `npm run build` puts the programs, compiled. */
export const OUTPUT = "dist";

const SOURCES = ["app", "components", "messages", "patches", "server"];
const FILES = ["next.config.mjs", "package-lock.json", "postcss.config.mjs", "tsconfig.json"];

/**
 * Whether `npm run build` ended, and nothing that it works on is newer.
 * @returns {Promise<boolean>}
 */
export async function isBuildFresh() {
  // Next.js writes its id near its end, and the programs come after it.
  const built = Math.min(await mtime(path.join(OUTPUT, "start.js")), await mtime(".next/BUILD_ID"));
  if (built === 0) return false;
  const times = await Promise.all([...SOURCES.map(newestIn), ...FILES.map(mtime)]);
  return Math.max(...times) < built;
}

/** @param {string} file */
async function mtime(file) {
  return stat(file).then(
    (stats) => stats.mtimeMs,
    () => 0,
  );
}

/** @param {string} folder */
async function newestIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name));
  const times = await Promise.all(files.map((entry) => mtime(path.join(entry.parentPath, entry.name))));
  return Math.max(0, ...times);
}
