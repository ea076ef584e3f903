import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import product from "@/package.json" with { type: "json" };
import type { Database } from "@/server/db/client";
import { finishSteps, finishStepsInBackground } from "@/server/db/migrations/finish-steps";
import { incompatibility, readSchemaInfo } from "@/server/db/migrations/schema-info";
import { newestSchema } from "@/server/db/schema-number";
import { within } from "@/server/lib/within";
import type { Context } from "./context";

const CHECK_MS = 5_000;
const STOP_TIMEOUT_MS = 3_000;

/**
 * Completes migrations in the background of a process, and stops the process when a newer version has migrated the
 * database to a schema that this version cannot use.
 * @returns a function that stops both
 */
export function followSchema(db: Database, log: Logger): () => Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const work = [finishStepsInBackground(db.url, db.sql, { log, signal }), stopWhenTooOld(db, log, signal)];
  return async () => {
    controller.abort();
    await within(Promise.all(work), STOP_TIMEOUT_MS);
  };
}

async function stopWhenTooOld(db: Database, log: Logger, signal: AbortSignal): Promise<void> {
  const known = await newestSchema();
  while (!signal.aborted) {
    await sleep(CHECK_MS, undefined, { signal }).catch(() => {});
    // An unavailable PostgreSQL is reported elsewhere.
    const info = signal.aborted ? undefined : await readSchemaInfo(db.health).catch(() => undefined);
    const reason = info && incompatibility(info, known);
    if (!reason) continue;
    log.fatal(reason);
    process.exitCode = 1;
    process.kill(process.pid, "SIGTERM");
    return;
  }
}

/**
 * Completes migrations before it returns.
 * @returns a line about the schema for the user
 * @throws the error of a step
 */
export async function finishMigrations({ db, log }: Context, signal: AbortSignal): Promise<string> {
  await finishSteps(db.url, db.sql, { log, signal });
  const known = await newestSchema();
  const info = await readSchemaInfo(db.sql);
  if (!info || info.schema <= known) return "The database schema is up to date.";
  return `The database has schema ${info.schema} of version ${info.version}, which this version (${product.version}, schema ${known}) can use. Nothing was migrated.`;
}
