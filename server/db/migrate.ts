import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import type postgres from "postgres";
import { logTableList } from "@/server/catalog";
import { LOCKS } from "./advisory-locks";
import { protectAuditLog } from "./audit-protection";
import { databaseNow } from "./clock";
import { startSettings } from "./connection-settings";
import { openClient } from "./connection-url";
import { ensurePartitions, monthsAhead } from "./partitions";
import { MIGRATIONS, readJournal } from "./schema-number";
import { longWorkDeadlines } from "./silence";
import { UnsuitableDatabase } from "./unsuitable-database";

/**
 * Migrates the database to the current schema and creates the partitions from last month to three months ahead. An
 * advisory lock serializes concurrent processes.
 * @throws UnsuitableDatabase for a version before 14, an encoding that cannot represent all characters, or an audit log
 * that lost its protection
 */
export async function migrateDatabase(url: string): Promise<void> {
  const sql = connectForMigration(url);
  try {
    await requireSuitable(sql);
    await sql`select pg_advisory_lock(${LOCKS.migration}, 0)`;
    await migrate(drizzle(sql), { migrationsFolder: MIGRATIONS });
    await protectAuditLog(sql);
    const months = monthsAhead(await databaseNow(sql));
    for (const table of logTableList) await ensurePartitions(sql, table.tableName, months);
    await sql`
      insert into queue_states (queue)
      select unnest(${logTableList.map((table) => table.name)}::text[])
      on conflict do nothing`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function connectForMigration(url: string): postgres.Sql {
  return openClient(url, {
    max: 1,
    connect_timeout: 5,
    onnotice: () => {},
    connection: startSettings("batch-console migrate"),
    ...longWorkDeadlines(url),
  });
}

/** Checks that PostgreSQL responds and can be used. @throws UnsuitableDatabase */
export async function requireSuitableDatabase(url: string): Promise<void> {
  const sql = connectForMigration(url);
  try {
    await requireSuitable(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Migrates an empty database to an older schema, for the rows of a backup. Partitions are not created. */
export async function migrateTo(schema: number, url: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-migrations-"));
  const sql = connectForMigration(url);
  try {
    await requireSuitable(sql);
    const { entries, ...journal } = await readJournal();
    const included = entries.filter(({ idx }) => idx <= schema);
    await mkdir(path.join(folder, "meta"));
    await writeFile(path.join(folder, "meta", "_journal.json"), JSON.stringify({ ...journal, entries: included }));
    for (const { tag } of included)
      await copyFile(path.join(MIGRATIONS, `${tag}.sql`), path.join(folder, `${tag}.sql`));
    await sql`select pg_advisory_lock(${LOCKS.migration}, 0)`;
    await migrate(drizzle(sql), { migrationsFolder: folder });
  } finally {
    await sql.end({ timeout: 5 });
    await rm(folder, { recursive: true, force: true });
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
