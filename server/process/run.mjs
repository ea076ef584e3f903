import "./check-node.mjs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { exists, hasBuild, NO_BUILD, OUTPUT, programs, SOURCES } from "./programs.mjs";

/**
 * `node server/process/run.mjs [--source] NAME …`, also the entry point of each thread: runs a compiled program, or
 * with `--source` its source. PROGRAM_FOLDER passes the choice on to child processes and threads. In tests and
 * benchmarks, it is a folder with programs that they compiled.
 */
if (process.argv[2] === "--source") {
  process.argv.splice(2, 1);
  process.env.PROGRAM_FOLDER = SOURCES;
}
const [name] = process.argv.splice(2, 1);
const source = Object.hasOwn(programs, name) ? programs[name] : undefined;
if (!source) throw new Error(`There is no program ${name}, only ${Object.keys(programs).join(", ")}.`);
const folder = process.env.PROGRAM_FOLDER || OUTPUT;
const compiled = path.join(folder, `${name}.js`);
if (folder === SOURCES) await runSource(source);
// The demo runs the build if there is none.
else if (name === "demo" && !(await hasBuild())) await runSource(source);
else if (await exists(compiled)) await run(compiled);
else {
  process.stderr.write(`${NO_BUILD}\n`);
  process.exitCode = 1;
}

/** @param {string} file */
async function run(file) {
  await import(pathToFileURL(path.resolve(file)).href);
}

/** @param {string} file */
async function runSource(file) {
  // Imported dynamically, because Node.js 20 cannot start a thread from TypeScript.
  (await import("tsx/esm/api")).register();
  await run(file);
}
