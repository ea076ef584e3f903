import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import { csvColumns, csvFileRows, csvFiles, isAddress } from "@/server/columnar";
import type { Executor } from "@/server/services/segment-files";

const FIRST_ROWS = 500;
const MAX_ROWS = 20_000;
/** The intended size of one FETCH. */
const FETCH_BYTES = 2 * 1024 * 1024;

interface Copy {
  /** A folder of the engine, which the caller removes. */
  readonly folder: string;
  readonly columns: readonly Column[];
  /** Returns a SELECT of PostgreSQL with this list. */
  readonly rows: (list: SQL) => SQL;
  /** Called between two batches. @throws to end the copy */
  readonly check: () => void;
}

/**
 * Copies rows of PostgreSQL to temporary files, in the transaction of `db`.
 * @returns a SELECT for each file, with the columns of server/columnar/layout.ts
 */
export async function copyRows(db: Executor, copy: Copy): Promise<SQL[]> {
  const selects: SQL[] = [];
  for await (const { file, maxLineBytes } of csvFiles(copy.folder, linesOf(db, copy), {}))
    selects.push(csvFileRows(copy, file, maxLineBytes));
  return selects;
}

/** COPY accepts no parameters, so a cursor returns the lines. */
async function* linesOf(db: Executor, { columns, rows, check }: Copy): AsyncGenerator<Uint8Array> {
  const names = [...columns, ...columns.filter(isAddress)].map((_, index) => sql.raw(`c${index}`));
  const fields = names.map(
    (name) => sql`case when ${name} is null then '' else '"' || replace(format('%s', ${name}), '"', '""') || '"' end`,
  );
  const list = sql.raw(csvColumns({ columns }));
  await db.execute(sql`
    declare explore_rows no scroll cursor for
    select ${sql.join(fields, sql` || ',' || `)} as line
    from (${rows(list)}) as copied (${sql.join(names, sql`, `)})`);
  for (let limit = FIRST_ROWS; ; ) {
    check();
    const found = await db.execute(sql`fetch forward ${sql.raw(String(limit))} from explore_rows`);
    if (found.length === 0) break;
    const csv = Buffer.from(`${found.map(({ line }) => String(line)).join("\n")}\n`);
    yield csv;
    limit = Math.max(1, Math.min(MAX_ROWS, Math.floor((FETCH_BYTES / csv.length) * found.length)));
  }
  await db.execute(sql`close explore_rows`);
}
