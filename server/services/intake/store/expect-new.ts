import type { LogTableName } from "@/server/catalog";
import type { Database } from "@/server/db/client";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";

/** The number of batches after a duplicate that expect others, because a repeated file has them throughout. */
const CAUTIOUS_BATCHES = 100;

const cautiousFor = new WeakMap<Database, Map<LogTableName, number>>();

/**
 * Inserts a batch by the faster statement, which fails on the first duplicate, unless one of the table's last batches
 * contained duplicates. In that case, or on failure, inserts it by the statement that skips duplicates.
 * @param insert runs either statement in its own savepoint
 * @returns the result of the successful one
 */
export async function insertExpectingNew<T>(
  db: Database,
  insert: { table: LogTableName; plain: () => Promise<T>; skipping: () => Promise<T> },
): Promise<T> {
  const tables = cautiousFor.get(db) ?? new Map<LogTableName, number>();
  cautiousFor.set(db, tables);
  const cautious = tables.get(insert.table) ?? 0;
  if (cautious > 0) {
    tables.set(insert.table, cautious - 1);
    return await insert.skipping();
  }
  try {
    return await insert.plain();
  } catch (error) {
    if (causeCode(error) !== SQLSTATE.uniqueViolation) throw error;
    tables.set(insert.table, CAUTIOUS_BATCHES);
    return await insert.skipping();
  }
}
