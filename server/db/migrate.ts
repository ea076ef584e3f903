import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { logTableList } from "@/server/catalog";
import { LOCKS } from "./advisory-locks";
import { databaseNow } from "./clock";
import { databaseOf, startSettings } from "./connection-settings";
import { ensurePartitions, monthsAhead } from "./partitions";
import { longWorkDeadlines } from "./silence";
import { UnsuitableDatabase } from "./unsuitable-database";

/**
 * Migrates the database to the current schema and creates the partitions from last month to three months ahead. An
 * advisory lock serializes concurrent processes.
 * @throws UnsuitableDatabase for a version before 14, or an encoding that cannot represent all characters
 */
export async function migrateDatabase(url: string): Promise<void> {
  const sql = postgres(url, {
    database: databaseOf(url),
    max: 1,
    connect_timeout: 5,
    onnotice: () => {},
    connection: startSettings("batch-console migrate"),
    ...longWorkDeadlines(url),
  });
  try {
    await requireSuitable(sql);
    await sql`select pg_advisory_lock(${LOCKS.migration}, 0)`;
    await migrate(drizzle(sql), {
      migrationsFolder: path.resolve(/* turbopackIgnore: true */ process.cwd(), "drizzle"),
    });
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
