import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { causeCode } from "@/server/lib/errors";
import { LOCKS } from "../advisory-locks";
import type { Sql } from "../client";
import { endSilentHolders } from "../silent-sessions";
import { buildIndex, parseIndex } from "./build-index";
import { withShortLocks } from "./with-short-locks";

const RETRY_MS = 100;
/** A process that runs steps pauses for seconds at most. */
const FROZEN_MS = 60_000;

/** A long statement of a migration, which runs while the product runs. */
interface Step {
  readonly id: number;
  readonly migration: string;
  readonly statement: string;
  readonly cursor: string | null;
}

interface StepOptions {
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/**
 * Runs the steps that are not finished, oldest first, on a client with one connection, unless another process runs them.
 * Each can be interrupted at any point and is continued by the next call.
 * @returns whether this process ran them
 */
export async function runPendingSteps(sql: Sql, options: StepOptions): Promise<boolean> {
  const [lock] = await sql<{ got: boolean }[]>`select pg_try_advisory_lock(${LOCKS.schemaSteps}, 0) as got`;
  if (!lock?.got) {
    await endSilentHolders(sql, LOCKS.schemaSteps, FROZEN_MS);
    return false;
  }
  try {
    await runSteps(sql, options);
    return true;
  } finally {
    // A lost connection has released it.
    await sql`select pg_advisory_unlock(${LOCKS.schemaSteps}, 0)`.catch(() => {});
  }
}

/** Runs the pending steps, or waits until the process that runs them has finished. */
export async function completeSteps(sql: Sql, options: StepOptions): Promise<void> {
  while (!(await runPendingSteps(sql, options))) await sleep(RETRY_MS, undefined, { signal: options.signal });
}

async function runSteps(sql: Sql, options: StepOptions): Promise<void> {
  // Building an index waits for exports and other long transactions, and blocks nothing while it waits.
  await sql`set lock_timeout = 0`;
  for (;;) {
    const [step] = await sql<Step[]>`
      select id, migration, statement, cursor from schema_steps where finished_at is null order by id limit 1`;
    if (!step) return;
    options.signal?.throwIfAborted();
    await runStep(sql, step, options);
  }
}

async function runStep(sql: Sql, step: Step, options: StepOptions): Promise<void> {
  const { log } = options;
  const name = stepName(step.statement);
  const startedAt = performance.now();
  let loggedAt = startedAt;
  const onProgress = async (done: number, total: number | null) => {
    // A step that fails again and again reports the same progress at each attempt.
    await sql`
      update schema_steps
      set done = ${done}, total = ${total}, error = case when ${done}::float8 > done then null else error end
      where id = ${step.id}`;
    if (performance.now() - loggedAt < 10_000) return;
    loggedAt = performance.now();
    log?.info({ step: step.id, done, total }, `${name} continues`);
  };
  log?.info({ step: step.id, migration: step.migration }, `${name} begins`);
  try {
    const index = parseIndex(step.statement);
    if (index) await buildIndex(sql, index, { ...options, onProgress });
    else if (isBatch(step.statement)) await runBatches(sql, step, onProgress, options);
    else await withShortLocks(sql, (tx) => tx.unsafe(step.statement), { name, ...options });
  } catch (error) {
    const reason = causeCode(error) ?? "unknown";
    if (!options.signal?.aborted) {
      await sql`update schema_steps set error = ${reason} where id = ${step.id}`.catch(() => {});
    }
    throw error;
  }
  await sql`update schema_steps set finished_at = now(), error = null where id = ${step.id}`;
  log?.info({ step: step.id, seconds: Math.round((performance.now() - startedAt) / 100) / 10 }, `${name} is finished`);
}

/** A setting, because a statement with a parameter could not be executed by drizzle-kit. */
const CURSOR = "batch_console.cursor";

function isBatch(statement: string): boolean {
  return statement.includes(CURSOR);
}

/**
 * Repeats a statement that handles the rows after the key in the setting CURSOR and returns the last key and the number
 * of rows, until it returns no key. The key is stored in the transaction of each batch.
 */
async function runBatches(
  sql: Sql,
  step: Step,
  onProgress: (done: number, total: null) => Promise<void>,
  options: StepOptions,
): Promise<void> {
  const name = stepName(step.statement);
  const [progress] = await sql<{ done: number }[]>`select done::float8 from schema_steps where id = ${step.id}`;
  let done = progress?.done ?? 0;
  for (let cursor: string | null = step.cursor; ; ) {
    options.signal?.throwIfAborted();
    let last: string | null = null;
    let rows = 0;
    await withShortLocks(
      sql,
      async (tx) => {
        await tx`select set_config(${CURSOR}, ${cursor ?? ""}, true)`;
        const [batch] = await tx.unsafe<{ last: string | null; count: number }[]>(step.statement);
        last = batch?.last ?? null;
        rows = batch?.count ?? 0;
        if (last !== null) await tx`update schema_steps set cursor = ${last} where id = ${step.id}`;
      },
      { name, ...options },
    );
    if (last === null) return;
    cursor = last;
    done += rows;
    await onProgress(done, null);
  }
}

/** Describes a step in the log and on the health page: its first words and names. */
export function stepName(statement: string): string {
  const index = parseIndex(statement);
  if (index) return `CREATE INDEX ${index.name}`;
  const table = /\bUPDATE "(\w+)"/.exec(statement)?.[1];
  if (isBatch(statement) && table) return `UPDATE ${table}`;
  return statement.replaceAll('"', "").replace(/\s+/g, " ").slice(0, 80).replace(/;$/, "");
}
