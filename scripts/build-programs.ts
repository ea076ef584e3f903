import { rm } from "node:fs/promises";
import { OUTPUT, programs } from "@/server/process/programs.mjs";
import { compile } from "./compile";

/** The first half of `npm run build`; the id that Next.js writes at its end says that both are there. */
await rm(OUTPUT, { recursive: true, force: true });
await compile(programs, OUTPUT);
