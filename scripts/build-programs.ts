import { rm } from "node:fs/promises";
import { OUTPUT, programs } from "@/server/process/programs.mjs";
import { compile } from "./compile";

/**
 * The first step of `npm run build`. Next.js writes its build ID at the end of the second, which marks the build as
 * complete.
 */
await rm(OUTPUT, { recursive: true, force: true });
await compile(programs, OUTPUT);
