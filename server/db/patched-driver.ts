import postgres from "postgres";
import { StartError } from "@/server/process/start-error";

/**
 * Checks that postgres.js is patched. Without patches/, a lost connection ends the process and an unresponsive one is
 * waited for indefinitely. npm applies the patches after installation, unless scripts are disabled.
 * @throws StartError if postgres.js is not patched
 */
export function requirePatchedDriver(options: object = postgres({ max: 1 }).options): void {
  if ("silence_timeout" in options) return;
  throw new StartError(
    "The package postgres is not patched (patches/). Without the patch, a lost connection can lose data. Run `npx patch-package`, or `npm ci` without --ignore-scripts.",
  );
}
