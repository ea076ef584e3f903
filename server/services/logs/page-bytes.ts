import { type SQL, sql } from "drizzle-orm";
import type { Context } from "@/server/process/context";
import { readRows } from "./limits";
import { columnList, type PagedColumn, type PagedSource, where } from "./paged-source";

/** Maximum bytes of the long values of a page: 20 events of the maximum size. */
const MAX_PAGE_BYTES = 6 * 1024 * 1024;
/** Longer values are read by a second statement, once it is known that they fit. */
export const LONG_BYTES = 2_048;
/** Characters that are shown of a value that does not fit. */
export const SHOWN = 1_000;
/** JSON that is stored in fewer bytes is not long as text. */
const SHORT_STORED = 256;

type FoundRow = Record<string, unknown>;

/**
 * The columns to select, as in columnList, but with long values truncated and marked, and `long_bytes`: the total bytes
 * of the long values.
 */
export function shortColumnList(columns: readonly PagedColumn[], longBytes = LONG_BYTES): SQL {
  const long = sql.raw(String(longBytes));
  const shown = sql.raw(String(SHOWN));
  const sizes: SQL[] = [];
  const list = columns.map((column) => {
    const name = sql.identifier(column.name);
    if (column.type === "text") {
      const isLong = sql`octet_length(${name}) > ${long}`;
      sizes.push(sql`case when ${isLong} then octet_length(${name}) else 0 end`);
      const beginning = sql`left(${name}, ${shown}) || '… (' || octet_length(${name}) || ' bytes)'`;
      return sql`case when ${isLong} then ${beginning} else ${name} end as ${name}`;
    }
    if (column.type === "jsonb") {
      // Only potentially long columns are converted to text, which costs as much as sending it.
      const isLong = sql`pg_column_size(${name}) > ${sql.raw(String(SHORT_STORED))} and octet_length(${name}::text) > ${long}`;
      sizes.push(sql`case when ${isLong} then octet_length(${name}::text) else 0 end`);
      const beginning = sql`jsonb_build_object('(shortened)', left(${name}::text, ${shown}), '(bytes)', octet_length(${name}::text))`;
      return sql`case when ${isLong} then ${beginning} else ${name} end as ${name}`;
    }
    return columnList([column]);
  });
  return sql`${sql.join(list, sql`, `)}, ${sizes.length === 0 ? sql`0` : sql.join(sizes, sql` + `)} as long_bytes`;
}

/**
 * Completes rows from shortColumnList with their long values, as far as the page's limit allows.
 * @param overflow what happens to rows that do not fit: `cut` omits them and all after the first of them, for callers
 * that can continue from there; `shorten` keeps them with truncated values. The first row always fits
 */
export async function withinBytes(
  ctx: Context,
  source: PagedSource,
  rows: readonly FoundRow[],
  overflow: "cut" | "shorten",
): Promise<FoundRow[]> {
  let bytes = 0;
  const shown: FoundRow[] = [];
  const long = new Set<FoundRow>();
  for (const row of rows) {
    const size = Number(row.long_bytes ?? 0);
    const fits = size === 0 || shown.length === 0 || bytes + size <= MAX_PAGE_BYTES;
    if (!fits && overflow === "cut") break;
    shown.push(row);
    if (!fits || size === 0) continue;
    bytes += size;
    long.add(row);
  }
  if (long.size === 0) return shown;
  const whole = await readWhole(ctx, source, [...long]);
  // A concurrently deleted row is shown as first read.
  return shown.map((row) => (long.has(row) ? (whole.get(keyOf(source, row)) ?? row) : row));
}

async function readWhole(
  ctx: Context,
  source: PagedSource,
  rows: readonly FoundRow[],
): Promise<ReadonlyMap<string, FoundRow>> {
  const keys = source.sortKeys.map((key) => {
    const type = sql.raw(source.columns.find(({ name }) => name === key)?.type ?? "text");
    const values = rows.map((row) => String(row[key]));
    return {
      name: sql.identifier(key),
      type,
      values,
      list: `{${values.map((value) => JSON.stringify(value)).join(",")}}`,
    };
  });
  const isKey = sql`(${sql.join(
    keys.map(({ name }) => name),
    sql`, `,
  )}) in (select * from unnest(${sql.join(
    keys.map(({ list, type }) => sql`${list}::${type}[]`),
    sql`, `,
  )}))`;
  const [first] = keys;
  // Repeated separately, because partitions are only pruned by single columns.
  const range = first ? [sql`${first.name} = any(${first.list}::${first.type}[])`] : [];
  const found = await readRows(
    ctx,
    sql`
      select ${columnList(source.columns)}
      from ${source.from}
      ${where([...range, isKey])}`,
  );
  return new Map(found.map((row) => [keyOf(source, row), row]));
}

function keyOf({ sortKeys }: PagedSource, row: FoundRow): string {
  return JSON.stringify(sortKeys.map((key) => row[key]));
}
