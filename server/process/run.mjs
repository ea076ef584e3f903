import "./check-node.mjs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isBuildFresh, OUTPUT, programs } from "./programs.mjs";

/**
 * `node server/process/run.mjs NAME …`, and the start of each thread: runs a program as `npm run build` compiled it, which
 * starts sooner and takes less memory, or its sources where there is no build or they are newer.
 */
const [name] = process.argv.splice(2, 1);
const source = Object.hasOwn(programs, name) ? programs[name] : undefined;
if (!source) throw new Error(`There is no program ${name}, only ${Object.keys(programs).join(", ")}.`);
const isFresh = await isBuildFresh();
// By an import, because a thread that begins with TypeScript is refused by Node.js 20.
if (!isFresh) (await import("tsx/esm/api")).register();
await import(pathToFileURL(path.resolve(isFresh ? path.join(OUTPUT, `${name}.js`) : source)).href);
