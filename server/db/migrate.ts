import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type postgres from "postgres";
import { logTableList } from "@/server/catalog";
import { LOCKS } from "./advisory-locks";
import { protectAuditLog } from "./audit-protection";
import { databaseNow } from "./clock";
import { startSettings } from "./connection-settings";
import { openClient } from "./connection-url";
import { applyMigrations } from "./migrations/apply-migrations";
import { completeSteps } from "./migrations/run-steps";
import { withShortLocks } from "./migrations/with-short-locks";
import { ensurePartition, monthsAhead, partitionName } from "./partitions";
import { longWorkDeadlines } from "./silence";
import { endSilentHolders } from "./silent-sessions";
import { UnsuitableDatabase } from "./unsuitable-database";

const LOCK_RETRY_MS = 100;
/** A process that migrates pauses for seconds at most. */
const FROZEN_MS = 60_000;

/**
 * Migrates the database to the current schema and creates the partitions from last month to three months ahead. An
 * advisory lock serializes concurrent processes. Long work remains as pending steps.
 * @throws UnsuitableDatabase for a version before 14, an encoding that cannot represent all characters, a schema that
 *   this version is too old for, a database of another product, or an audit log that lost its protection
 */
export async function migrateDatabase(url: string, log?: Logger): Promise<void> {
  await withDatabase(url, async (sql) => {
    await lock(sql, LOCKS.migration);
    await applyMigrations(sql, { log });
    await protectAuditLog(sql);
    const months = monthsAhead(await databaseNow(sql));
    for (const { tableName } of logTableList) {
      for (const month of months) {
        const name = `Partition ${partitionName(tableName, month)}`;
        await withShortLocks(sql, (tx) => ensurePartition(tx, tableName, month), { name, log });
      }
    }
    await sql`
      insert into queue_states (queue)
      select unnest(${logTableList.map((table) => table.name)}::text[])
      on conflict do nothing`;
  });
}

/** Checks that PostgreSQL responds and can be used. @throws UnsuitableDatabase */
export async function requireSuitableDatabase(url: string): Promise<void> {
  await withDatabase(url, async () => {});
}

/**
 * Migrates an empty database to an older schema, for the rows of a backup, and runs its pending steps: they are quick,
 * and the records of the backup replace theirs. Partitions are not created.
 */
export async function migrateTo(schema: number, url: string): Promise<void> {
  await withDatabase(url, async (sql) => {
    await lock(sql, LOCKS.migration);
    await applyMigrations(sql, { upTo: schema });
    await completeSteps(sql, {});
  });
}

async function withDatabase(url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = openClient(url, {
    max: 1,
    connect_timeout: 5,
    onnotice: () => {},
    connection: startSettings("batch-console migrate"),
    ...longWorkDeadlines(url),
  });
  try {
    await requireSuitable(sql);
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Polls for a lock: a waiting statement would have a snapshot, which index builds wait for. */
async function lock(sql: postgres.Sql, name: number): Promise<void> {
  for (;;) {
    const [answer] = await sql<{ got: boolean }[]>`select pg_try_advisory_lock(${name}, 0) as got`;
    if (answer?.got) return;
    await endSilentHolders(sql, name, FROZEN_MS);
    await sleep(LOCK_RETRY_MS);
  }
}

async function requireSuitable(sql: postgres.Sql): Promise<void> {
  const [server] = await sql<{ version: number; text: string; encoding: string; name: string }[]>`
    select
      current_setting('server_version_num')::int as version,
      current_setting('server_version') as text,
      current_setting('server_encoding') as encoding,
      current_database() as name`;
  if (!server) return;
  if (server.version < 140_000) {
    throw new UnsuitableDatabase(`version ${server.text} is too old. Version 14 or newer is needed.`);
  }
  if (server.encoding !== "UTF8") {
    throw new UnsuitableDatabase(
      `the database ${server.name} has the encoding ${server.encoding}, which cannot store every text. Create one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and set DATABASE_URL to it.`,
    );
  }
}
