import type { LogTableName } from "@/server/catalog";
import type { Database } from "@/server/db/client";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";

/** After a duplicate, this many batches of its table expect more: a repeated file has duplicates throughout. */
const CAUTIOUS_BATCHES = 100;

const cautiousFor = new WeakMap<Database, Map<LogTableName, number>>();

/**
 * Inserts a batch the cheap way, which fails on the first duplicate, as long as the table's last batches had none;
 * otherwise, or on a duplicate, the way that skips duplicates.
 * @param insert both ways, each in its own savepoint.
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
