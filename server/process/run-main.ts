import { AppError, databaseFailureOf, toAppError } from "@/server/lib/errors";
import { ConfigError } from "@/server/process/config";
import { StartError } from "./start-error";

/**
 * Runs a process's main function and exits with the code that it returns (default 0), or with 1 and a one-line error on
 * stderr. Only unexpected errors show a stack trace.
 */
export async function runMain(main: () => Promise<number | undefined>): Promise<void> {
  let code: number;
  try {
    code = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    code = 1;
  }
  // Flush pipes before exiting.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code || process.exitCode)));
}

/** Formats an error that ended the process. */
export function describeError(error: unknown): string {
  // Errors with a message for the user take precedence; an outage may be their cause.
  if (error instanceof ConfigError || error instanceof StartError || error instanceof AppError) {
    return error.message.replaceAll("\n", " ");
  }
  if (databaseFailureOf(error)) return toAppError(error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
