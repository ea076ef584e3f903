import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type LogTable, type LogTableName, logTables } from "@/server/catalog";
import { addressBytesName, duckdbType, isAddress, rowsOfCsv } from "@/server/columnar";
import { computedFields } from "@/server/db/derived-value";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { restrictArchives } from "@/server/services/segment-blocks";
import { availableSegmentFiles, coverageOf, type Executor, type TimeRange } from "@/server/services/segment-files";
import { type ArchivePart, archiveParts, requireReadable } from "./archive-parts";
import { parquetColumns } from "./parquet-csv";
import { searchableFiles } from "./searchable-file";

/** The archived rows of a time range, whose files are opened when they are read. */
export interface OpenArchives {
  /** The archives that may have matching rows, with their time ranges and an estimate of their rows. */
  readonly parts: readonly SearchedPart[];
  /**
   * Returns a SELECT of the columns of server/columnar/layout.ts in DuckDB's dialect: of the archives with such rows in
   * the window, each row that counts, once, in no particular order; undefined if there are none.
   * @param window may be exceeded; undefined: all
   * @throws FilesNeeded if files must be fetched or prepared first; AppError archive.not_searchable, files.*, columnar.*
   */
  rowsIn(window?: TimeRange): Promise<SQL | undefined>;
  /** Removes temporary files. */
  close(): Promise<void>;
}

export interface SearchedPart {
  /** In order of time. */
  readonly ranges: readonly TimeRange[];
  readonly rowCount: number;
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

export interface ArchivedTimes {
  readonly from?: Instant;
  readonly before?: Instant;
  /** The condition on archive_blocks of those that may have matching rows; undefined if each may have some. */
  readonly blocks?: SQL;
}

/**
 * Opens the archived rows of a log table in a time range for statements of the columnar engine.
 * @param db executes in the REPEATABLE READ transaction in which the caller reads the table
 * @returns null if no archive has matching rows in the range
 */
export async function openArchives(
  ctx: Context,
  db: Executor,
  table: LogTableName,
  { blocks, ...times }: ArchivedTimes,
): Promise<OpenArchives | null> {
  const parts = await archiveParts(ctx, db, table, times);
  const searched = await searchedParts(db, parts, blocks);
  if (searched.size === 0) return null;
  let folder: string | undefined;
  let files = 0;
  const newFile = async () => {
    folder ??= await ctx.columnar.makeFolder();
    return path.join(folder, `${files++}.csv`);
  };
  return {
    parts: [...searched.values()],
    rowsIn: (window) => rowsOf({ ctx, db, table }, parts, searched, window, newFile),
    close: async () => {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns which parts, by their IDs, may have rows for which a condition of blocks holds. */
async function searchedParts(
  db: Executor,
  parts: readonly ArchivePart[],
  blocks: SQL | undefined,
): Promise<ReadonlyMap<string, SearchedPart>> {
  const whole = parts.map(({ id, range, rowCount, hasBlocks }) => ({ id, ranges: [range], rowCount, hasBlocks }));
  const restricted = blocks
    ? [
        ...whole.filter(({ hasBlocks }) => !hasBlocks),
        ...(await restrictArchives(
          db,
          whole.filter(({ hasBlocks }) => hasBlocks),
          blocks,
        )),
      ]
    : whole;
  return new Map(restricted.map(({ id, ranges, rowCount }) => [id, { ranges, rowCount }]));
}

async function rowsOf(
  opening: Opening,
  parts: readonly ArchivePart[],
  searched: ReadonlyMap<string, SearchedPart>,
  window: TimeRange | undefined,
  newFile: () => Promise<string>,
): Promise<SQL | undefined> {
  const { ctx, table } = opening;
  const wanted = parts.flatMap((part, index) => {
    const ranges = searched.get(part.id)?.ranges ?? [];
    const inWindow = window ? ranges.filter((range) => overlap(range, window)) : ranges;
    if (inWindow.length === 0) return [];
    const hull = hullOf(inWindow);
    const span = window ? clipped(hull, window) : hull;
    // Newest first: what precedes was archived later.
    const newer = parts.slice(0, index).filter((other) => overlap(other.range, span));
    return [{ part, ranges: inWindow, span, newer }];
  });
  if (wanted.length === 0) return undefined;
  const needed = [...new Set(wanted.flatMap(({ part, newer }) => [part, ...newer]))];
  requireReadable(needed);
  const files = await searchableFiles(ctx, needed);
  const opened = new Map(
    needed.map((part, index): [ArchivePart, OpenPart] => [part, { part, file: files[index] ?? "" }]),
  );
  const selects: SQL[] = [];
  for (const { part, ranges, span, newer } of wanted) {
    const hiding = newer.flatMap((other) => opened.get(other) ?? []).map((other) => keysOf(other, span));
    const present = part.isInTable ? await presentKeys(opening, span, newFile) : [];
    const file = opened.get(part)?.file ?? "";
    selects.push(await selectOf(ctx, logTables[table], { file, ranges }, [...hiding, ...present]));
  }
  return sql.join(selects, sql` union all `);
}

/** Archived rows as a relation of DuckDB. */
export interface ArchivedRelation {
  readonly select: SQL;
  /** Removes its temporary files. */
  close(): Promise<void>;
}

/** Opens the files of all archived rows. @returns null if there are none @throws see OpenArchives.rowsIn */
export async function openArchivedRows(...opening: Parameters<typeof openArchives>): Promise<ArchivedRelation | null> {
  const archives = await openArchives(...opening);
  if (!archives) return null;
  try {
    const select = await archives.rowsIn();
    if (select) return { select, close: archives.close };
  } catch (error) {
    await archives.close();
    throw error;
  }
  await archives.close();
  return null;
}

/**
 * Opens the archived row with a key that is not in the table, from the archive that was written last. Older ones are not
 * prepared.
 * @throws see OpenArchives.rowsIn
 */
export async function openArchivedRow(
  ctx: Context,
  db: Executor,
  table: LogTableName,
  { created_at, id }: { readonly created_at: string; readonly id: string },
): Promise<OpenArchives | null> {
  const at = Date.parse(created_at);
  const range = { from: instantOf(new Date(at)), before: instantOf(new Date(at + 1)) };
  const parts = await archiveParts(ctx, db, table, range);
  requireReadable(parts);
  for (const part of parts) {
    const [file = ""] = await searchableFiles(ctx, [part]);
    const select = await selectOf(ctx, logTables[table], { file, ranges: [part.range] }, []);
    const row = sql`
      select * from (${select}) as archived where created_at = ${created_at}::timestamptz and id = ${id}::uuid`;
    if ((await ctx.columnar.query(sql`select 1 from (${row})`)).length > 0) {
      const { range: one, rowCount } = part;
      return { parts: [{ ranges: [one], rowCount }], rowsIn: async () => row, close: async () => {} };
    }
  }
  return null;
}

const overlap = (one: TimeRange, other: TimeRange) => one.from < other.to && other.from < one.to;

/** The smallest range with all ranges, which are in order of time. */
function hullOf(ranges: readonly TimeRange[]): TimeRange {
  return { from: ranges[0]?.from ?? "", to: ranges.reduce((last, { to }) => (to > last ? to : last), "") };
}

function clipped({ from, to }: TimeRange, within: TimeRange): TimeRange {
  return { from: from > within.from ? from : within.from, to: to < within.to ? to : within.to };
}

function keysOf({ file, part }: OpenPart, span: TimeRange): SQL {
  return sql`select created_at, id from read_parquet(${file}) where ${within(clipped(part.range, span))}`;
}

function within({ from, to }: TimeRange): SQL {
  return sql`(created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz)`;
}

/** @param hidden the keys of rows that count elsewhere */
async function selectOf(
  ctx: Context,
  { columns }: LogTable,
  { file, ranges }: { readonly file: string; readonly ranges: readonly TimeRange[] },
  hidden: readonly SQL[],
): Promise<SQL> {
  const present = new Set((await parquetColumns(ctx.columnar, file)).map(({ name }) => name));
  // An archive can be older than a column.
  const column = (name: string, type: string) =>
    present.has(name) ? sql.identifier(name) : sql`cast(null as ${sql.raw(type)}) as ${sql.identifier(name)}`;
  const list = sql.join(
    [
      ...columns.map((one) => column(one.name, duckdbType(one))),
      ...columns.filter(isAddress).map((one) => column(addressBytesName(one), "BLOB")),
      ...computedFields({ columns }),
    ],
    sql`, `,
  );
  // DuckDB skips row groups outside of one range, and compares every row with several.
  const rows = sql.join(
    ranges.map((range) => sql`select ${list} from read_parquet(${file}) where ${within(range)}`),
    sql` union all `,
  );
  if (hidden.length === 0) return rows;
  return sql`select * from (${rows}) archived where not exists (
    select 1 from (${sql.join([...hidden], sql` union all `)}) hidden
    where hidden.created_at = archived.created_at and hidden.id = archived.id
  )`;
}

const PAGE_ROWS = 20_000;
const KEYS = {
  columns: [
    { name: "created_at", type: "timestamptz" },
    { name: "id", type: "uuid" },
  ],
} as const;
/** A time in UTC, a comma and a UUID, with room to spare. */
const MAX_KEY_BYTES = 1_000;
const keys = z.array(z.object({ at: z.string(), id: z.string() }));

/** The keys of the table's rows: of clean hours from their segments, of others from PostgreSQL in a file. */
async function presentKeys(
  { ctx, db, table }: Opening,
  { from, to }: TimeRange,
  newFile: () => Promise<string>,
): Promise<SQL[]> {
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
  const file = await newFile();
  await writeFile(file, "", { mode: 0o600 });
  for (const range of dirty) await writeKeys(db, table, range, file);
  return [...selects, rowsOfCsv(KEYS, file, MAX_KEY_BYTES)];
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
