import type { SqlExecutor } from "@/server/db/client";
import { StartError } from "@/server/process/start-error";
import { dumpedTableNames, quoted } from "./dump-tables";

/** Tables with rows that migrations and starts insert, and that a restore replaces. */
export const REPLACED: readonly string[] = [
  "identity_keys",
  "queue_states",
  "file_stores",
  "monitoring_state",
  "schema_steps",
];

/** @throws StartError if a table contains rows that a restore would mix with its own */
export async function requireEmpty(sql: SqlExecutor): Promise<void> {
  const names = (await dumpedTableNames(sql)).filter((name) => !REPLACED.includes(name));
  for (const name of names) {
    const [table] = await sql.unsafe<{ has_rows: boolean }[]>(
      `select exists (select from ${quoted(name)}) as has_rows`,
    );
    if (!table?.has_rows) continue;
    throw new StartError(
      `The database is not empty (table ${name}). A backup is restored into an empty database only: create a new one, or set DATA_DIR to a new folder.`,
    );
  }
}
