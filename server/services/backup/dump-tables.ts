import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { SqlExecutor, Transaction } from "@/server/db/client";
import { listPartitions } from "@/server/db/partitions";
import type { BackupManifest, DumpedTable } from "./contract";
import { type ArchiveWriter, addBytes } from "./write-archive";

/**
 * Tables that a backup does not contain: sessions, links and tokens that must not become valid again, and what
 * describes running processes and transactions of one server, the schema, which a restore creates, and segments, which
 * are written again.
 */
const TRANSIENT = [
  "session",
  "verification",
  "rate_limit",
  "workers",
  "process_clocks",
  "change_marks",
  "watched_changes",
  "segments",
  "segment_hours",
  "segment_blocks",
  "segment_layouts",
  "schema_info",
  "__drizzle_migrations",
];

/** Bytes of text in one entry, because the tar format requires the size of an entry before its content. */
const BLOCK_BYTES = 8 * 1024 * 1024;
/** Level 1 compresses twice as fast as the default, to some 10 % more bytes. */
const LEVEL = 1;
const compress = promisify(gzip);

/** Returns the names of the tables of a backup, without partitions. Tables of extensions and of other roles are skipped. */
export async function dumpedTableNames(sql: SqlExecutor): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name
    from pg_class
    where relnamespace = current_schema()::regnamespace
      and relkind in ('r', 'p')
      and not relispartition
      and relname not in ${sql(TRANSIENT)}
      and has_table_privilege(oid, 'SELECT')
      and not exists (
        select from pg_depend
        where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
      )
    order by relname`;
  return rows.map(({ name }) => name);
}

/**
 * Describes tables and their partitions, each after the tables that its foreign keys refer to. The session needs no knowledge of
 * array types.
 */
export async function describeTables(tx: SqlExecutor, names: readonly string[]): Promise<DumpedTable[]> {
  const columns = await tx<{ name: string; columns: string[]; is_partitioned: boolean }[]>`
    select relname as name, relkind = 'p' as is_partitioned, json_agg(attname order by attnum) as columns
    from pg_class
    join pg_attribute on attrelid = pg_class.oid
    where relnamespace = current_schema()::regnamespace
      and relname in ${tx([...names])}
      and attnum > 0
      and not attisdropped
      and attgenerated = ''
    group by 1, 2
    order by 1`;
  const references = await tx<{ name: string; referenced: string }[]>`
    select own.relname as name, other.relname as referenced
    from pg_constraint
    join pg_class own on own.oid = conrelid
    join pg_class other on other.oid = confrelid
    where contype = 'f' and conrelid <> confrelid and own.relnamespace = current_schema()::regnamespace`;
  const ordered = inOrder(
    columns.map(({ name }) => name),
    (name) => references.flatMap((one) => (one.name === name ? one.referenced : [])),
  );
  const tables: DumpedTable[] = [];
  for (const name of ordered) {
    const table = columns.find((one) => one.name === name);
    if (!table) continue;
    if (!table.is_partitioned) tables.push({ name, columns: table.columns, partition: null });
    else {
      for (const { name: partition, month } of await listPartitions(tx, name))
        tables.push({ name: partition, columns: table.columns, partition: { table: name, month } });
    }
  }
  return tables;
}

/** Sorts names so that each follows those that it refers to. */
function inOrder(names: readonly string[], referencesOf: (name: string) => readonly string[]): string[] {
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (name: string): void => {
    if (ordered.has(name) || visiting.has(name) || !names.includes(name)) return;
    visiting.add(name);
    for (const referenced of referencesOf(name)) visit(referenced);
    ordered.add(name);
  };
  for (const name of names) visit(name);
  return [...ordered];
}

/**
 * Adds the rows of a table in blocks, each a gzip file of COPY's text format. Concatenated, they are one gzip file of
 * the whole table.
 * @returns the number of rows
 */
export async function dumpTable(
  tx: Transaction,
  writer: ArchiveWriter,
  { name, columns }: DumpedTable,
  onRows: (rows: number) => void,
): Promise<number> {
  const copy = await tx.unsafe(`copy ${quoted(name)} (${columns.map(quoted).join(", ")}) to stdout`).readable();
  let rows = 0;
  let blocks: Buffer[] = [];
  let size = 0;
  let parts = 0;
  // One block is compressed while the next one is read.
  let adding: Promise<void> = Promise.resolve();
  const flush = async () => {
    await adding;
    const text = Buffer.concat(blocks);
    const entry = `${tableFolder(name)}${String(parts++).padStart(6, "0")}.txt.gz`;
    blocks = [];
    size = 0;
    adding = compress(text, { level: LEVEL }).then((content) => addBytes(writer, entry, content));
    adding.catch(() => {});
    onRows(rows);
  };
  for await (const block of copy) {
    // The text format escapes line feeds in values.
    rows += lineFeeds(block);
    blocks.push(block);
    size += block.length;
    if (size >= BLOCK_BYTES) await flush();
  }
  if (size > 0) await flush();
  await adding;
  return rows;
}

export function tableFolder(name: string): string {
  return `tables/${name}/`;
}

function lineFeeds(block: Buffer): number {
  let found = 0;
  for (let at = block.indexOf(10); at !== -1; at = block.indexOf(10, at + 1)) found++;
  return found;
}

/** Reads the state of the sequences of identity columns. Sequences ignore snapshots, so read it after the rows. */
export async function readSequences(tx: Transaction, names: readonly string[]): Promise<BackupManifest["sequences"]> {
  const columns = await tx<{ table: string; column: string; sequence: string }[]>`
    select
      relname as table,
      attname as column,
      pg_get_serial_sequence(quote_ident(relname), attname) as sequence
    from pg_class
    join pg_attribute on attrelid = pg_class.oid
    where relnamespace = current_schema()::regnamespace
      and relname in ${tx([...names])}
      and attnum > 0
      and not attisdropped
      and attidentity <> ''`;
  const sequences: BackupManifest["sequences"] = [];
  for (const { table, column, sequence } of columns) {
    const [state] = await tx.unsafe<{ last_value: string }[]>(`select last_value::text from ${sequence}`);
    sequences.push({ table, column, last_value: state?.last_value ?? "1" });
  }
  return sequences;
}

/** Quotes a name for a statement that accepts no parameters. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
