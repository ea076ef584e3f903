import { AppError, databaseTrouble, toAppError } from "@/server/lib/errors";
import { ConfigError } from "@/server/process/config";
import { StartError } from "./start-error";

/**
 * Runs a process's main function and ends the process: with the code it returns (0 when none), or
 * with 1 and one line on stderr. Only an error that nobody foresaw shows its stack.
 */
export async function runMain(main: () => Promise<number | undefined>): Promise<void> {
  let code: number;
  try {
    code = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    code = 1;
  }
  // What was written to a pipe must be out before the end.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}

/** What stderr says of an error that ended the process. */
export function describeError(error: unknown): string {
  // What was worded for the user comes first: an outage may be its cause.
  if (error instanceof ConfigError || error instanceof StartError || error instanceof AppError) {
    return error.message.replaceAll("\n", " ");
  }
  if (databaseTrouble(error)) return toAppError(error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
