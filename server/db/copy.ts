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

const NEEDS_ESCAPE = /[\\\t\n\r]/;
const ESCAPED = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * Encodes rows of PostgreSQL text values in COPY's text format.
 * @param tags an additional number at the end of each row
 */
export function copyText(rows: readonly (readonly (string | null)[])[], tags?: readonly (number | null)[]): Buffer {
  const cells: string[] = [];
  const lines = rows.map((row, position) => {
    row.forEach((value, index) => {
      if (value === null) cells[index] = "\\N";
      else
        cells[index] = NEEDS_ESCAPE.test(value)
          ? value.replace(ESCAPED, (character) => ESCAPES[character] ?? "")
          : value;
    });
    return tags ? `${cells.join("\t")}\t${tags[position] ?? "\\N"}` : cells.join("\t");
  });
  return Buffer.from(`${lines.join("\n")}\n`);
}
