import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { causeCode, type DatabaseFailure, databaseFailureOf } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";
import { explainRefusal } from "./explain-refusal";
import { SQLSTATE } from "./sqlstate";

const SERVICE_PATIENCE_MS = 30_000;
const RETRY_MS = 500;

/** Runs a step of the start, and retries it while PostgreSQL is unavailable. */
export type WhenAvailable = <T>(step: () => Promise<T>) => Promise<T>;

/**
 * Creates the function that runs the steps of a start which need PostgreSQL. A service retries a step for up to 30
 * seconds while PostgreSQL is starting or failing over, and logs the reason once; a command does not wait.
 * @param signal ends the wait
 * @returns a function that throws StartError with a line for the user, or what the step threw for another reason
 */
export function makeWhenAvailable(
  url: string,
  kind: "service" | "command",
  log: Logger,
  signal?: AbortSignal,
): WhenAvailable {
  const patience = kind === "service" ? SERVICE_PATIENCE_MS : 0;
  return async (step) => {
    const end = Date.now() + patience;
    for (let isLogged = false; ; isLogged = true) {
      try {
        return await step();
      } catch (error) {
        const explained = explainRefusal(error, url);
        if (!isTransient(error) || Date.now() >= end || signal?.aborted) throw explained;
        if (!isLogged && explained instanceof StartError) {
          log.warn(`${explained.message} Retrying for ${patience / 1_000} seconds.`);
        }
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  };
}

/** Conditions of a PostgreSQL that is starting, failing over, or in use by other starting processes. */
const TRANSIENT: ReadonlySet<DatabaseFailure> = new Set([
  "unreachable",
  "overloaded",
  "read_only",
  "conflict",
  "locked",
]);

function isTransient(error: unknown): boolean {
  const failure = databaseFailureOf(error);
  // During the start, a missing database is an error in DATABASE_URL.
  return failure !== undefined && TRANSIENT.has(failure) && causeCode(error) !== SQLSTATE.invalidCatalogName;
}
