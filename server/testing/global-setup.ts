import { rm } from "node:fs/promises";
import path from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { compileForChildren } from "@/scripts/compile";
import { migrateDatabase } from "@/server/db/migrate";
import { OUTPUT } from "@/server/process/programs.mjs";
import { startPgBouncer } from "./pgbouncer";
import { startPostgres } from "./postgres";

declare module "vitest" {
  interface ProvidedContext {
    /** The maintenance database of the server shared by all integration tests. */
    postgresUrl: string;
    /** The port of PgBouncer, which TEST_POOLER=true puts in front of that server. */
    poolerPort: number | undefined;
    /** The folder of public logs; set only for their suite. */
    publicLogs: string;
  }
}

export const TEMPLATE = "template_migrated";

/** Compiles the programs, and starts one PostgreSQL with a migrated database that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const programs = path.join(OUTPUT, `tests-${process.pid}`);
  await compileForChildren(programs, { "cleanup-process": "server/testing/cleanup-process.ts" });
  const server = await startPostgres({ fsync: "off", full_page_writes: "off" });
  try {
    const sql = postgres(server.url(), { max: 1, onnotice: () => {} });
    await sql`create database ${sql(TEMPLATE)}`;
    await sql.end();
    await migrateDatabase(server.url(TEMPLATE));
  } catch (error) {
    await server.remove();
    throw error;
  }
  project.provide("postgresUrl", server.url());
  const pooler = process.env.TEST_POOLER === "true" ? await startPgBouncer(server.port) : undefined;
  project.provide("poolerPort", pooler?.port);
  return async () => {
    await pooler?.stop();
    await server.remove();
    await rm(programs, { recursive: true, force: true });
  };
}
