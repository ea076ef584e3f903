import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { inject } from "vitest";
import { connectDatabase, type Database } from "@/server/db/client";
import { TEMPLATE } from "./global-setup";

const LEAK_TIMEOUT_MS = 3_000;

export interface TestDatabase {
  readonly url: string;
  /** The environment variables of processes that use it. */
  readonly env: Readonly<Record<string, string>>;
  readonly db: Database;
  /** Closes `db` and drops the database. @throws if the test left its own connections open */
  drop(): Promise<void>;
}

/**
 * Creates a database for one test file; drop it in afterAll.
 * @param options.bare without tables; otherwise it has the current schema
 * @param options.poolerPort the port of a PgBouncer in front of the server
 */
export async function createTestDatabase(
  options: { max?: number; bare?: boolean; poolerPort?: number } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const maintenanceUrl = inject("postgresUrl");
  const template = options.bare ? "template1" : TEMPLATE;
  await withMaintenance(maintenanceUrl, (sql) => sql`create database ${sql(name)} template ${sql(template)}`);
  const url = maintenanceUrl.replace(/[^/]+$/, name);
  const { max = 5 } = options;
  const sizes = {
    general: max,
    sessions: Math.min(max, 6),
    reads: Math.min(max, 6),
    intake: Math.min(max, 4),
    health: 2,
  };
  const poolerUrl = throughPooler(url, options.poolerPort ?? inject("poolerPort"));
  const db = connectDatabase(url, { applicationName: "test", sizes, poolerUrl });
  return {
    url,
    env: poolerUrl ? { DATABASE_URL: poolerUrl, DATABASE_DIRECT_URL: url } : { DATABASE_URL: url },
    db,
    drop: async () => {
      await db.close();
      const leaked = await withMaintenance(maintenanceUrl, async (sql) => {
        // A pooler keeps its connections for other clients.
        const left = poolerUrl ? [] : await leakedConnections(sql, name);
        await sql`drop database ${sql(name)} with (force)`;
        return left;
      });
      if (leaked.length > 0) throw new Error(`The test left connections open: ${leaked.join("; ")}`);
    },
  };
}

function throughPooler(url: string, port: number | undefined): string | undefined {
  if (port === undefined) return undefined;
  const pooled = new URL(url);
  pooled.port = String(port);
  return pooled.href;
}

async function withMaintenance<T>(url: string, work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** The backend of a closed connection ends shortly afterwards, so wait for it. */
async function leakedConnections(sql: postgres.Sql, name: string): Promise<string[]> {
  for (const end = Date.now() + LEAK_TIMEOUT_MS; ; await sleep(20)) {
    const rows = await sql<{ text: string }[]>`
      select application_name || ': ' || left(query, 80) as text
      from pg_stat_activity
      where datname = ${name} and backend_type = 'client backend'`;
    if (rows.length === 0 || Date.now() > end) return rows.map((row) => row.text);
  }
}
