import { finished } from "node:stream/promises";
import type { Transaction } from "./client";

/**
 * Runs `statement`, a COPY … FROM STDIN in text format, with `data` as its input.
 * @throws PostgreSQL's error with line and column; the transaction or savepoint is then aborted
 */
export async function copyFrom(tx: Transaction, statement: string, data: Buffer): Promise<void> {
  const stream = await tx.unsafe(statement).writable();
  await finished(stream.end(data));
}
