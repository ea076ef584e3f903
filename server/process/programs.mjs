import { access } from "node:fs/promises";
import path from "node:path";

/** The programs that run as a process or thread, by the name in `node server/process/run.mjs NAME`. */
export const programs = {
  start: "server/start/main.ts",
  web: "server/web/main.ts",
  worker: "server/worker/main.ts",
  collect: "server/collect/main.ts",
  cli: "server/cli/main.ts",
  demo: "server/demo/main.ts",
  explore: "server/columnar/main.ts",
  "export-thread": "server/services/exports/thread.ts",
  "unpack-thread": "server/services/intake/unpack/thread.ts",
};

/** The folder of the compiled programs. */
export const OUTPUT = "dist";

/** The value of PROGRAM_FOLDER that runs the programs from their sources. */
export const SOURCES = "sources";

export const NO_BUILD = "No build found. Run `npm run build` first.";

/** Returns whether `npm run build` has finished. It compiles the pages last. */
export async function hasBuild() {
  return (await exists(path.join(OUTPUT, "start.js"))) && (await exists(".next/BUILD_ID"));
}

/** @param {string} file */
export async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
