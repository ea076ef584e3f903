import type { SqlExecutor } from "./client";
import { findLedger } from "./migrations/ledger";
import { readMigrations } from "./migrations/read-migrations";

/** Returns the number of the newest schema that this program knows. */
export async function newestSchema(): Promise<number> {
  return (await readMigrations()).at(-1)?.schema ?? -1;
}

/**
 * Returns the number of the last migration of a database.
 * @returns null if it has no tables of this product; `newer` for a schema of a newer program
 */
export async function schemaNumber(sql: SqlExecutor): Promise<number | "newer" | null> {
  const migrations = await readMigrations();
  const ledger = await findLedger(sql, migrations);
  if (!ledger) return null;
  const last = Math.max(...ledger.applied);
  return migrations.find(({ when }) => when === last)?.schema ?? "newer";
}
