import { is, SQL, type SQLChunk, type SQLWrapper } from "drizzle-orm";

/** The engines of columns. Statements are written once; what differs is an expression with two forms. */
export type Dialect = "duckdb" | "clickhouse";

/** An expression with a form for each engine. Without a choice, it is DuckDB's. */
export class InDialects implements SQLWrapper {
  constructor(readonly forms: Readonly<Record<Dialect, SQL>>) {}

  getSQL(): SQL {
    return this.forms.duckdb;
  }

  /** The forms are part of a statement as they are. */
  shouldOmitSQLParens(): boolean {
    return true;
  }
}

/** An expression, or another part of a statement, that engines write differently. */
export function inDialects(duckdb: SQL, clickhouse: SQL): SQL {
  return new SQL([new InDialects({ duckdb, clickhouse })]);
}

/** Replaces chunks of a statement, also inside of others. @param replacement undefined for a chunk that remains */
export function mapChunks(statement: SQL, replacement: (chunk: unknown) => SQLChunk | undefined): SQL {
  const mapped = (chunk: unknown): unknown => {
    const replaced = replacement(chunk);
    if (replaced !== undefined) return replaced;
    if (Array.isArray(chunk)) return chunk.map(mapped);
    return is(chunk, SQL) ? mapChunks(chunk, replacement) : chunk;
  };
  return new SQL(statement.queryChunks.map((chunk) => mapped(chunk) as SQLChunk));
}
