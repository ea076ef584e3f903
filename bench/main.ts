import path from "node:path";
import { pathToFileURL } from "node:url";
import { compileForChildren } from "@/scripts/compile";
import { OUTPUT } from "@/server/process/programs.mjs";

const folder = path.join(OUTPUT, "bench");
// Measures compiled code, as in production: what runs sources defines the name of each closure when it is created.
await compileForChildren(folder, { run: "bench/run.ts", "export-run": "bench/export-run.ts" });
await import(pathToFileURL(path.resolve(folder, "run.js")).href);
