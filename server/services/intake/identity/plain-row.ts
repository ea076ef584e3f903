import { randomUUID } from "node:crypto";
import { type Column, type LogTableName, logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { copyFrom } from "@/server/db/copy";
import { copyText } from "@/server/db/copy-text";
import type { Row } from "../batch";
import { INSERT_STATEMENTS } from "../store/insert-statements";

/**
 * Whether the table accepts an otherwise empty row at the time of `row`. If so, PostgreSQL rejected `row` because of
 * its values, not because of the table or server. The test row is rolled back.
 */
export async function acceptsPlainRow(tx: Transaction, table: LogTableName, row: Row): Promise<boolean> {
  const plain = logTables[table].columns.map((column, index) =>
    column.name === "created_at" ? (row[index] ?? null) : plainValue(column),
  );
  try {
    await tx.savepoint(async (savepoint) => {
      await copyFrom(savepoint, INSERT_STATEMENTS[table].copy, copyText([plain], [null]));
      throw ACCEPTED;
    });
    return false;
  } catch (error) {
    return error === ACCEPTED;
  }
}

const ACCEPTED = new Error("The row was accepted and is rolled back.");

/** Returns an event with the required fields only. */
export function plainEvent(table: LogTableName): Record<string, string | null> {
  const columns = logTables[table].columns.filter(({ required }) => required);
  return Object.fromEntries(columns.map((column) => [column.name, plainValue(column)]));
}

function plainValue({ name, type, required }: Column): string | null {
  if (name === "id") return randomUUID();
  if (!required) return null;
  return type === "inet" ? "0.0.0.0" : type === "integer" ? "0" : "/";
}
