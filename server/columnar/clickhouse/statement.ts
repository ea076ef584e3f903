import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { CsvFile } from "../csv-file";
import { InDialects, mapChunks } from "../dialect";
import { ParquetFiles } from "../parquet-files";
import { csvRows, csvStructure, parquetRows } from "./relations";

/** A local CSV file that is sent with the query as a table of this name. */
export interface SentFile {
  readonly name: string;
  readonly file: string;
  readonly structure: string;
}

export interface ClickhouseStatement {
  readonly text: string;
  readonly params: Readonly<Record<string, string | number | boolean | null>>;
  readonly files: readonly SentFile[];
}

const dialect = new PgDialect();

/**
 * Converts a statement to ClickHouse's dialect, with its parameters by name.
 * @param objects a table function that reads the objects with these keys
 */
export function clickhouseStatement(
  statement: SQL,
  objects: (table: ParquetFiles["table"], keys: readonly string[]) => SQL,
): ClickhouseStatement {
  const files: SentFile[] = [];
  const converted = (expression: SQL): SQL =>
    mapChunks(expression, (chunk) => {
      if (chunk instanceof InDialects) return converted(chunk.forms.clickhouse);
      if (chunk instanceof ParquetFiles) return parquetRows(chunk.table, objects(chunk.table, chunk.paths));
      if (!(chunk instanceof CsvFile)) return undefined;
      const name = `sent_${files.length}`;
      files.push({ name, file: chunk.file, structure: csvStructure(chunk.table.columns) });
      return csvRows(chunk.table.columns, sql.identifier(name).getSQL());
    });
  const { sql: text, params } = dialect.sqlToQuery(converted(statement));
  return { files, ...named(text, params.map(bindParam)) };
}

/** The types of parameters that ClickHouse names or reads in another way. */
const CASTS: Readonly<Record<string, (param: string) => string>> = {
  timestamptz: (param) => `parseDateTime64BestEffort(${param}, 6, 'UTC')`,
  uuid: (param) => `toString(toUUID(${param}))`,
};

function named(text: string, values: readonly (string | number | boolean | null)[]) {
  const params: Record<string, string | number | boolean | null> = {};
  const converted = text.replace(/\$(\d+)(?:::(timestamptz|uuid)\b)?/g, (_, number: string, cast?: string) => {
    const value = values[Number(number) - 1] ?? null;
    params[`p${number}`] = value;
    const param = `{p${number}:${typeOf(value)}}`;
    return cast === undefined ? param : (CASTS[cast]?.(param) ?? param);
  });
  return { text: converted, params };
}

function typeOf(value: string | number | boolean | null): string {
  if (value === null) return "Nullable(String)";
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Bool";
  return Number.isInteger(value) ? "Int64" : "Float64";
}

function bindParam(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (value instanceof Date) return value.toISOString();
  throw new Error(`Not a parameter: ${typeof value}`);
}
