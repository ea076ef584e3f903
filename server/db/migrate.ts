import path from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { logTableList } from "@/server/catalog";
import { ensurePartitions, monthsAhead } from "./partitions";

/** Any number, as long as every process of this product uses the same. */
const MIGRATION_LOCK = 7_120_513;

/**
 * Brings the database to the newest schema and makes the partitions of last month to three months
 * ahead. Processes that start at once wait for one another; the first does the work.
 * @throws when PostgreSQL is older than 14
 */
export async function migrateDatabase(url: string, now = new Date()): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: "migrate", TimeZone: "UTC" },
  });
  try {
    const [server] = await sql<{ version: number; text: string }[]>`
      select current_setting('server_version_num')::int as version, current_setting('server_version') as text`;
    if (server && server.version < 140_000) {
      throw new Error(`PostgreSQL ${server.text} is too old: version 14 or newer is needed.`);
    }
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(sql), {
      migrationsFolder: path.resolve(/* turbopackIgnore: true */ process.cwd(), "drizzle"),
    });
    for (const table of logTableList) await ensurePartitions(sql, table.tableName, monthsAhead(now));
    await sql`
      insert into queue_states (queue)
      select unnest(${logTableList.map((table) => table.name)}::text[])
      on conflict do nothing`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
