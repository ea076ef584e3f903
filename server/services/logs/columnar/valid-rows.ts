import { type SQL, sql } from "drizzle-orm";
import { type LogTableName, logTables } from "@/server/catalog";
import { parquetFiles } from "@/server/columnar";
import type { Instant } from "@/server/lib/time";
import type { TimeRange } from "@/server/services/segment-files";
import { type PagedSource, where } from "../paged-source";

/** Of one file; the statement would be long with more. */
const MAX_SELECTS = 64;

export interface ReadableFile {
  readonly table: LogTableName;
  /** Of a local file; for an engine that reads the object store, a key. */
  readonly path: string;
  /** The ranges in which its rows are valid; undefined for all. */
  readonly ranges?: readonly TimeRange[];
  /** A range that contains all of its rows. */
  readonly extent?: TimeRange;
}

/**
 * The valid rows of files, and of other SELECTs with the same columns, in a time range and with conditions, as a table
 * expression over columns.
 */
export function validRows(
  files: readonly ReadableFile[],
  range: Partial<TimeRange>,
  conditions: readonly SQL[] = [],
  others: readonly SQL[] = [],
): SQL {
  const inRange = bounds(range);
  const whole = files.filter(({ ranges }) => ranges === undefined);
  // Without a condition on time, DuckDB need not read the times of rows.
  const inside = whole.filter(({ extent }) => isInside(extent, range));
  const across = whole.filter(({ extent }) => !isInside(extent, range));
  const selects = [
    ...(inside.length > 0 ? [select(inside, [])] : []),
    ...(across.length > 0 ? [select(across, inRange)] : []),
  ];
  for (const file of files) {
    for (const ranges of selectedTogether(file.ranges ?? []))
      selects.push(select([file], [inRanges(ranges), ...inRange]));
  }
  for (const other of others) selects.push(sql`select * from (${other}) as other ${where(inRange)}`);
  // DuckDB evaluates the conditions in each SELECT; repeating them would make the statement very long.
  return sql`(select * from (${sql.join(selects, sql` union all `)}) as every ${where(conditions)}) as valid`;
}

function select(files: readonly ReadableFile[], conditions: readonly SQL[]): SQL {
  const [first] = files;
  if (!first) throw new Error("There are no files.");
  const paths = files.map(({ path }) => path);
  return sql`select * from ${parquetFiles(logTables[first.table], paths)} ${where(conditions)}`;
}

function isInside(extent: TimeRange | undefined, { from, to }: Partial<TimeRange>): boolean {
  if (extent === undefined) return from === undefined && to === undefined;
  return (from === undefined || extent.from >= from) && (to === undefined || extent.to <= to);
}

/** DuckDB skips row groups outside of one range, and compares every row with several. */
function selectedTogether(ranges: readonly TimeRange[]): (readonly TimeRange[])[] {
  return ranges.length > MAX_SELECTS ? [ranges] : ranges.map((range) => [range]);
}

function inRanges(ranges: readonly TimeRange[]): SQL {
  return sql`(${sql.join(
    ranges.map((range) => sql`(${sql.join(bounds(range), sql` and `)})`),
    sql` or `,
  )})`;
}

function bounds({ from, to }: { readonly from?: Instant; readonly to?: Instant }): SQL[] {
  return [
    ...(from === undefined ? [] : [sql`created_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`created_at < ${to}::timestamptz`]),
  ];
}

/**
 * The rows of PostgreSQL in dirty ranges, as a table expression.
 * @param rows selects from the source the rows with the condition, which restricts them to one range
 */
export function dirtyRows(ranges: readonly TimeRange[], rows: (condition: SQL) => SQL): SQL {
  const list = (times: readonly Instant[]) => sql`${`{${times.join(",")}}`}::timestamptz[]`;
  return sql`
    unnest(${list(ranges.map(({ from }) => from))}, ${list(ranges.map(({ to }) => to))}) as dirty (starts_at, ends_at)
    cross join lateral (${rows(sql`created_at >= dirty.starts_at and created_at < dirty.ends_at`)}) as changed`;
}

/** Selects expressions of the rows of a source in dirty ranges. */
export function selectDirty(
  source: PagedSource["from"],
  ranges: readonly TimeRange[],
  columns: SQL,
  conditions: readonly SQL[],
): SQL {
  return dirtyRows(
    ranges,
    (inRange) => sql`
    select ${columns}
    from ${source}
    where ${sql.join([inRange, ...conditions], sql` and `)}`,
  );
}
