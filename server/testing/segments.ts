import { sql } from "drizzle-orm";
import { type LogTableName, logTables } from "@/server/catalog";
import { addressBytesName, isAddress } from "@/server/columnar";
import type { Orm } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { type Coverage, coverageOf, segmentFile, type TimeRange } from "@/server/services/segment-files";
import { inRanges } from "@/server/services/segments/hours";

export interface CoveredRows {
  readonly coverage: Coverage;
  /** The rows of all segments and dirty ranges, each with all columns as text, sorted. */
  readonly rows: readonly string[];
  /** The rows of the table in the same snapshot. */
  readonly expected: readonly string[];
}

/** Reads a log table as queries do: clean hours from segments, dirty ones from PostgreSQL. */
export async function coveredRows(ctx: Context, table: LogTableName, attempt = 1): Promise<CoveredRows> {
  try {
    return await readOnce(ctx, table);
  } catch (error) {
    if (attempt === 2 || !(error instanceof AppError && error.code === "columnar.segment_damaged")) throw error;
    return await coveredRows(ctx, table, attempt + 1);
  }
}

async function readOnce(ctx: Context, name: LogTableName): Promise<CoveredRows> {
  const table = logTables[name];
  return await ctx.db.read.transaction(
    async (tx) => {
      const coverage = await coverageOf(ctx, tx, name);
      const rowsOf = async (ranges?: readonly TimeRange[]) => {
        const found = await tx.execute<{ line: string }>(
          sql.raw(`select array_to_json(array[${table.columns.map(postgresText).join(", ")}])::text as line
            from ${table.tableName} ${ranges ? `where ${inRanges(ranges)}` : ""}`),
        );
        return found.map(({ line }) => JSON.stringify(JSON.parse(line)));
      };
      const rows: string[] = [];
      for (const { segment, ranges, rowCount } of coverage.parts) {
        const file = await segmentFile(ctx, segment);
        const found = await ctx.columnar.query(
          sql`select ${sql.raw(table.columns.map(duckdbText).join(", "))} from read_parquet(${file})
            where ${sql.raw(inRanges(ranges))}`,
        );
        if (found.length !== rowCount) throw new Error(`${found.length} rows instead of ${rowCount}`);
        rows.push(...found.map((row) => JSON.stringify(table.columns.map((column) => row[column.name]))));
      }
      await requireBlocks(tx, name, coverage);
      rows.push(...(await rowsOf(coverage.dirty)));
      return { coverage, rows: rows.sort(), expected: (await rowsOf()).sort() };
    },
    { isolationLevel: "repeatable read" },
  );
}

/** Each clean row is in a block of its segment. */
async function requireBlocks(db: Orm, table: LogTableName, { parts }: Coverage): Promise<void> {
  for (const { segment, ranges } of parts) {
    const rows = await db.execute(sql`
      select from ${sql.identifier(logTables[table].tableName)} as log
      where ${sql.raw(inRanges(ranges))} and not exists (
        select from segment_blocks
        where segment_id = ${segment.id} and log.created_at between starts_at and ends_at
      )`);
    if (rows.length > 0) throw new Error(`${rows.length} rows are in no block`);
  }
}

type NamedColumn = (typeof logTables)[LogTableName]["columns"][number];

function postgresText({ name, type }: NamedColumn): string {
  if (type === "timestamptz") return `(extract(epoch from ${name}) * 1000000)::bigint::text`;
  // The text of COPY, which omits the mask of a host.
  return type === "inet" ? `format('%s', ${name})` : `${name}::text`;
}

function duckdbText(column: NamedColumn): string {
  const { name, type } = column;
  if (type === "timestamptz") return `epoch_us(${name})::varchar as ${name}`;
  if (isAddress(column)) {
    const bytes = addressBytesName(column);
    return `case when ${bytes} is null and ${name} like '%.%.%.%' then 'no bytes' else ${name} end as ${name}`;
  }
  return `${name}::varchar as ${name}`;
}
