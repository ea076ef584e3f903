import { hash } from "node:crypto";
import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { causeCode } from "@/server/lib/errors";
import type { Database } from "./client";
import { SQLSTATE } from "./sqlstate";

const dialect = new PgDialect();

/** Each takes about 270 kB in every connection that runs it, until the connection is closed (within an hour). */
const MAX_PREPARED = 200;
const prepared = new Set<string>();

type Rows = Record<string, unknown>[];

export interface PreparedOptions {
  /** Whether the text has a form of the user's choice. Such statements are not prepared: their number is unlimited. */
  readonly isAdHoc?: boolean;
}

/**
 * Runs a statement of `read` as a prepared statement, which saves parsing, planning and a round trip from its second
 * execution on. Include values that affect the plan, such as a LIMIT, in the text, and pass all others as parameters.
 */
export async function executePrepared(
  { read, isPooled }: Pick<Database, "read" | "isPooled">,
  statement: SQL,
  { isAdHoc = false }: PreparedOptions = {},
): Promise<Rows> {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  if (!isAdHoc && prepared.size < MAX_PREPARED) prepared.add(text);
  const isPrepared = prepared.has(text);
  const values = isPooled && isPrepared ? literals(params) : undefined;
  if (values !== undefined) return await executeByName(read.$client, text, values);
  return await read.$client.unsafe(text, params as never[], { prepare: isPrepared });
}

const ATTEMPTS = 4;

/**
 * Runs a statement by PREPARE and EXECUTE of SQL, which every pooler passes on. The connection of PostgreSQL that the
 * pooler assigns may or may not have it.
 */
async function executeByName(sql: Database["sql"], text: string, values: string): Promise<Rows> {
  const name = `console_${hash("sha256", text).slice(0, 40)}`;
  const execute = `execute ${name}${values && `(${values})`}`;
  let preparation: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      if (preparation === undefined) return await sql.unsafe<Rows>(execute);
      return (await sql.unsafe<Rows[]>(`${preparation}; ${execute}`)).at(-1) ?? [];
    } catch (error) {
      const code = causeCode(error) ?? "";
      if (!(code in PREPARATIONS) || attempt === ATTEMPTS) throw error;
      preparation = PREPARATIONS[code]?.(name, text);
    }
  }
}

/** By the code of the error: how the next attempt gets the statement. */
const PREPARATIONS: Readonly<Record<string, (name: string, text: string) => string | undefined>> = {
  [SQLSTATE.invalidStatementName]: (name, text) => `prepare ${name} as ${text}`,
  // Another client prepared it on this connection meanwhile.
  [SQLSTATE.duplicateStatement]: () => undefined,
  // A migration changed the type of a column.
  [SQLSTATE.featureNotSupported]: (name, text) => `deallocate ${name}; prepare ${name} as ${text}`,
};

/** Returns parameters as SQL, or undefined if one has no literal that means the same. */
function literals(params: readonly unknown[]): string | undefined {
  const texts = params.map(literal);
  return texts.every((text) => text !== undefined) ? texts.join(", ") : undefined;
}

function literal(value: unknown): string | undefined {
  if (value === null) return "null";
  if (typeof value === "number" && Number.isFinite(value)) return `'${value}'`;
  if (typeof value !== "string" || value.includes("\0")) return undefined;
  const quoted = `'${value.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return value.includes("\\") ? `E${quoted}` : quoted;
}
