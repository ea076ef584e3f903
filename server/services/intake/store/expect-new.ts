import type { LogTableName } from "@/server/catalog";
import type { Database } from "@/server/db/client";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";

/** After a duplicate, so many batches of its table expect more: a file that comes again has them throughout. */
const WARY_BATCHES = 100;

const waryFor = new WeakMap<Database, Map<LogTableName, number>>();

/**
 * Inserts a batch the cheap way, which a single duplicate makes fail as a whole, as long as the last batches
 * of the table had none; else, or on a duplicate, the way that skips them.
 * @param insert both ways, each in a savepoint of its own. @returns what the one that succeeded gave
 */
export async function insertExpectingNew<T>(
  db: Database,
  insert: { table: LogTableName; plain: () => Promise<T>; skipping: () => Promise<T> },
): Promise<T> {
  const tables = waryFor.get(db) ?? new Map<LogTableName, number>();
  waryFor.set(db, tables);
  const wary = tables.get(insert.table) ?? 0;
  if (wary > 0) {
    tables.set(insert.table, wary - 1);
    return await insert.skipping();
  }
  try {
    return await insert.plain();
  } catch (error) {
    if (causeCode(error) !== SQLSTATE.uniqueViolation) throw error;
    tables.set(insert.table, WARY_BATCHES);
    return await insert.skipping();
  }
}
