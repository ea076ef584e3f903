import { access } from "node:fs/promises";
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

/** The value of PROGRAM_FOLDER with which the programs run from their sources. */
export const SOURCES = "sources";

export const NO_BUILD = "There is no build here yet: run `npm run build` first.";

/** Whether `npm run build` has ended here: it compiles the programs first, then the pages. */
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
