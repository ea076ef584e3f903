import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { causeCode } from "@/server/lib/errors";
import type { Sql, Transaction } from "../client";
import { SQLSTATE } from "../sqlstate";

/**
 * Statements of intake and pages queue behind a waiting ACCESS EXCLUSIVE lock, so a migration waits only this long, and
 * tries again.
 */
const LOCK_TIMEOUT_MS = 200;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;
const LOG_EVERY_MS = 10_000;
const MAX_WAIT_MS = 10 * 60_000;

const RETRIED: ReadonlySet<string> = new Set([SQLSTATE.lockNotAvailable, SQLSTATE.deadlockDetected]);

/**
 * Executes `work` in a transaction that waits at most a fifth of a second for each lock. If it does not get one, the
 * transaction is rolled back and repeated after a pause.
 * @throws a lock timeout after ten minutes
 */
export async function withShortLocks(
  sql: Sql,
  work: (tx: Transaction) => Promise<unknown>,
  { name, log, signal }: { name: string; log?: Logger; signal?: AbortSignal },
): Promise<void> {
  const startedAt = Date.now();
  let loggedAt = startedAt;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, MAX_DELAY_MS)) {
    try {
      await sql.begin(async (tx) => {
        await tx`select set_config('lock_timeout', ${`${LOCK_TIMEOUT_MS}ms`}, true)`;
        await work(tx);
      });
      return;
    } catch (error) {
      if (!RETRIED.has(causeCode(error) ?? "") || Date.now() - startedAt > MAX_WAIT_MS) throw error;
    }
    if (Date.now() - loggedAt > LOG_EVERY_MS) {
      loggedAt = Date.now();
      log?.info(`${name} waits for a lock that long work, such as an export, retains. It tries again.`);
    }
    await sleep(delay * (0.5 + Math.random() / 2), undefined, { signal });
  }
}
