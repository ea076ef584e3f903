import { access } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { timed } from "./harness";

const dialect = new PgDialect();

/** DuckDB in this process, with the engine's limits, on one sorted file of each table. */
export interface BareDuckdb {
  /** The rows of a table, as a table expression. */
  readonly rows: (table: LogTableName) => SQL;
  /** Runs a statement to its end. @returns seconds */
  readonly run: (statement: SQL) => Promise<number>;
}

/** Opens DuckDB on the rows of all segments. Files of an earlier run in the same folder are used again. */
export async function openBareDuckdb({ config, db }: Context, dataDir: string): Promise<BareDuckdb> {
  const { memoryBytes, threads } = config.explore;
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${memoryBytes}B`,
    threads: String(threads),
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  const fileOf = (table: LogTableName) => path.join(dataDir, `${table}.parquet`);
  for (const table of LOG_TABLE_NAMES) {
    if (await exists(fileOf(table))) continue;
    const segments = await db.sql<{ path: string }[]>`
      select path from segments where log_table = ${table} and replaced_at is null order by starts_at`;
    const list = segments.map((segment) => `'${path.join(dataDir, segment.path)}'`).join(", ");
    await connection.run(`
      copy (select * from read_parquet([${list}])) to '${fileOf(table)}' (format parquet, compression zstd)`);
  }
  return {
    rows: (table) => sql`read_parquet(${fileOf(table)})`,
    run: async (statement) => {
      const { sql: text, params } = dialect.sqlToQuery(statement.inlineParams());
      if (params.length > 0) throw new Error("A statement of a benchmark has parameters.");
      return await timed(() => connection.runAndReadAll(text));
    },
  };
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
