import { rm } from "node:fs/promises";
import { OUTPUT, programs } from "@/server/process/programs.mjs";
import { compile } from "./compile";

/** The second half of `npm run build`. */
await rm(OUTPUT, { recursive: true, force: true });
await compile(programs, OUTPUT);
