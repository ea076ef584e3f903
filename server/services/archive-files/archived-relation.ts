import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type LogTable, type LogTableName, logTables } from "@/server/catalog";
import { addressBytesName, duckdbType, isAddress } from "@/server/columnar";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { availableSegmentFiles, coverageOf, type Executor, type TimeRange } from "@/server/services/segment-files";
import { type ArchivePart, archiveParts } from "./archive-parts";
import { parquetColumns } from "./parquet-csv";
import { searchableFiles } from "./searchable-file";

/** The archived rows of a time range, as a relation of DuckDB. */
export interface ArchivedRelation {
  /** A SELECT of the columns of server/columnar/layout.ts; each row that counts, once, in no particular order. */
  readonly select: SQL;
  readonly parts: readonly ArchivePart[];
  /** Removes its temporary files. */
  close(): Promise<void>;
}

interface Opening {
  readonly ctx: Context;
  readonly db: Executor;
  readonly table: LogTableName;
}

/** A file with its counted range. */
interface OpenPart {
  readonly part: ArchivePart;
  readonly file: string;
}

/**
 * Opens the archived rows of a log table in a time range for statements of the columnar engine.
 * @param db executes in the REPEATABLE READ transaction in which the caller reads the table
 * @returns null if no archive has rows in the range
 * @throws FilesNeeded if files must be fetched or prepared first; AppError archive.not_searchable, files.*, columnar.*
 */
export async function openArchivedRows(
  ctx: Context,
  db: Executor,
  table: LogTableName,
  range: { readonly from?: Instant; readonly before?: Instant },
): Promise<ArchivedRelation | null> {
  const parts = await archiveParts(ctx, db, table, range);
  if (parts.length === 0) return null;
  const files = await searchableFiles(ctx, parts);
  const opened = parts.flatMap((part, index): OpenPart[] =>
    files.slice(index, index + 1).map((file) => ({ part, file })),
  );
  const folder = parts.some(({ isInTable }) => isInTable) ? await ctx.columnar.makeFolder() : undefined;
  const close = async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    const selects: SQL[] = [];
    for (const [index, one] of opened.entries()) {
      // Newest first: what precedes was archived later.
      const newer = opened.slice(0, index).filter((other) => overlap(other.part.range, one.part.range));
      const present =
        folder !== undefined && one.part.isInTable
          ? await presentKeys({ ctx, db, table }, one.part.range, path.join(folder, `${index}.csv`))
          : [];
      selects.push(await selectOf(ctx, logTables[table], one, [...newer.map(keysOf), ...present]));
    }
    return { select: sql.join(selects, sql` union all `), parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens the archived row with a key that is not in the table, from the archive that was written last. Older ones are not
 * prepared.
 * @throws see openArchivedRows
 */
export async function openArchivedRow(
  ctx: Context,
  db: Executor,
  table: LogTableName,
  { created_at, id }: { readonly created_at: string; readonly id: string },
): Promise<ArchivedRelation | null> {
  const at = Date.parse(created_at);
  const range = { from: instantOf(new Date(at)), before: instantOf(new Date(at + 1)) };
  for (const part of await archiveParts(ctx, db, table, range)) {
    const [file = ""] = await searchableFiles(ctx, [part]);
    const select = await selectOf(ctx, logTables[table], { part, file }, []);
    const row = sql`
      select * from (${select}) as archived where created_at = ${created_at}::timestamptz and id = ${id}::uuid`;
    if ((await ctx.columnar.query(sql`select 1 from (${row})`)).length > 0) {
      return { select: row, parts: [part], close: async () => {} };
    }
  }
  return null;
}

const overlap = (one: TimeRange, other: TimeRange) => one.from < other.to && other.from < one.to;

function keysOf({ file, part }: OpenPart): SQL {
  return sql`select created_at, id from read_parquet(${file}) where ${within(part.range)}`;
}

function within({ from, to }: TimeRange): SQL {
  return sql`(created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz)`;
}

/** @param hidden the keys of rows that count elsewhere */
async function selectOf(
  ctx: Context,
  { columns }: LogTable,
  { file, part }: OpenPart,
  hidden: readonly SQL[],
): Promise<SQL> {
  const present = new Set((await parquetColumns(ctx.columnar, file)).map(({ name }) => name));
  // An archive can be older than a column.
  const column = (name: string, type: string) =>
    present.has(name) ? sql.identifier(name) : sql`cast(null as ${sql.raw(type)}) as ${sql.identifier(name)}`;
  const list = [
    ...columns.map((one) => column(one.name, duckdbType(one))),
    ...columns.filter(isAddress).map((one) => column(addressBytesName(one), "BLOB")),
  ];
  const rows = sql`select ${sql.join(list, sql`, `)} from read_parquet(${file}) archived where ${within(part.range)}`;
  if (hidden.length === 0) return rows;
  return sql`${rows} and not exists (
    select 1 from (${sql.join([...hidden], sql` union all `)}) hidden
    where hidden.created_at = archived.created_at and hidden.id = archived.id
  )`;
}

const PAGE_ROWS = 20_000;
const keys = z.array(z.object({ at: z.string(), id: z.string() }));

/** The keys of the table's rows: of clean hours from their segments, of others from PostgreSQL in a file. */
async function presentKeys({ ctx, db, table }: Opening, { from, to }: TimeRange, file: string): Promise<SQL[]> {
  const { parts, dirty } = await coverageOf(ctx, db, table, { from, before: to });
  const selects: SQL[] = [];
  const files = await availableSegmentFiles(
    ctx,
    parts.map(({ segment }) => segment),
  );
  for (const [index, { ranges }] of parts.entries()) {
    selects.push(sql`
      select created_at, id from read_parquet(${files[index]}) where (${sql.join(ranges.map(within), sql` or `)})`);
  }
  if (dirty.length === 0) return selects;
  await writeFile(file, "", { mode: 0o600 });
  for (const range of dirty) await writeKeys(db, table, range, file);
  const type = sql.raw(`{'created_at': 'TIMESTAMPTZ', 'id': 'UUID'}`);
  return [...selects, sql`select created_at, id from read_csv(${file}, columns = ${type}, header = false)`];
}

async function writeKeys(db: Executor, table: LogTableName, { from, to }: TimeRange, file: string): Promise<void> {
  const name = sql.identifier(logTables[table].tableName);
  let after: { readonly at: string; readonly id: string } | undefined;
  do {
    const rows = keys.parse(
      await db.execute(sql`
        select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00') as at, id
        from ${name}
        where created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
          ${after ? sql`and (created_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
        order by created_at, id
        limit ${PAGE_ROWS}`),
    );
    if (rows.length > 0)
      await writeFile(file, `${rows.map(({ at, id }) => `${at},${id}`).join("\n")}\n`, { flag: "a" });
    after = rows.length === PAGE_ROWS ? rows.at(-1) : undefined;
  } while (after);
}
