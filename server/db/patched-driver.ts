import postgres from "postgres";
import { StartError } from "@/server/process/start-error";

/**
 * Without patches/, a lost connection ends the process and a silent one is waited for without end. npm applies them
 * after it installs, unless it is told to run no scripts.
 * @throws StartError when postgres.js came without
 */
export function requirePatchedDriver(options: object = postgres({ max: 1 }).options): void {
  if ("silence_timeout" in options) return;
  throw new StartError(
    "The package postgres lacks the changes of this project (patches/), without which a lost connection loses work. Run `npx patch-package`, or `npm ci` without --ignore-scripts.",
  );
}
