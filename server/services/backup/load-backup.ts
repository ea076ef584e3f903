import { pipeline } from "node:stream/promises";
import type { Transaction } from "@/server/db/client";
import { addPartition, partitionName } from "@/server/db/partitions";
import type { Config } from "@/server/process/config";
import { adoptSecret } from "@/server/process/secret";
import { StartError } from "@/server/process/start-error";
import { adoptRecords, type RestoredFiles } from "./adopt-records";
import { type BackupManifest, type DumpedTable, SECRET } from "./contract";
import { dumpedTableNames, quoted, tableFolder } from "./dump-tables";
import { REPLACED, requireEmpty } from "./empty-database";
import { type EntryCursor, makeCursor } from "./entry-cursor";
import { type ArchiveReader, fileKey } from "./read-archive";

interface Loading {
  readonly tx: Transaction;
  readonly archive: ArchiveReader;
  readonly files: RestoredFiles;
  readonly config: Config;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly onNotice: (text: string) => void;
}

/** The only table that the application may not lock; it only adds rows to it. */
const APPEND_ONLY = "audit_log";

/**
 * Loads all entries of a backup and verifies them.
 * @throws StartError if a checksum or a number of rows differs
 */
export async function loadBackup(loading: Loading): Promise<BackupManifest> {
  const { tx, archive, files, config, signal, onProgress, onNotice } = loading;
  const names = await dumpedTableNames(tx);
  await tx`lock table ${tx(names.filter((name) => name !== APPEND_ONLY))} in access exclusive mode`;
  await requireEmpty(tx);
  for (const name of names.filter((one) => REPLACED.includes(one))) await tx.unsafe(`truncate ${quoted(name)}`);
  await forgetSegments(tx);

  const cursor = await makeCursor(archive.entries, signal);
  const secret = cursor.current()?.name === SECRET ? await cursor.readText() : undefined;
  for (const table of archive.header.tables) {
    const folder = tableFolder(table.name);
    onProgress(table.name);
    if (names.includes(table.partition?.table ?? table.name)) await loadTable(tx, table, cursor);
    else onNotice(`The table ${table.name} is not part of this product and is not restored.`);
    while (cursor.current()?.name.startsWith(folder)) await cursor.advance();
  }
  for (let entry = cursor.current(); entry; entry = cursor.current()) {
    const key = fileKey(entry.name);
    onProgress(key);
    await files.store.write(key, entry.bytes, signal);
    await cursor.advance();
  }
  const manifest = archive.manifest();
  await requireCounts(tx, names, archive.header.tables, manifest);
  await restoreSequences(tx, names, manifest);
  await adoptRecords(tx, manifest, files);
  if (secret !== undefined && !(await adoptSecret(config, secret)))
    onNotice("APP_SECRET, or the secret in DATA_DIR, differs from the secret of the backup. It remains in use.");
  return manifest;
}

/** Without these records all rows are read from PostgreSQL, until the segment writer has marked their hours. */
async function forgetSegments(tx: Transaction): Promise<void> {
  // The schema may be that of an older version.
  const [known] = await tx`select where to_regclass('segment_layouts') is not null`;
  if (known) await tx`truncate segment_layouts, segments cascade`;
}

async function loadTable(tx: Transaction, table: DumpedTable, cursor: EntryCursor): Promise<void> {
  const copyInto = async (name: string) => {
    const folder = tableFolder(table.name);
    if (!cursor.current()?.name.startsWith(folder)) return;
    const columns = table.columns.map(quoted).join(", ");
    const copy = await tx.unsafe(`copy ${quoted(name)} (${columns}) from stdin`).writable();
    await pipeline(() => cursor.readGzip(folder), copy);
  };
  if (!table.partition) return await copyInto(table.name);
  // It is empty. A new one gets its rows before its indexes.
  const name = loadedName(table);
  await tx.unsafe(`drop table if exists ${name}`);
  await addPartition(tx, table.partition.table, table.partition.month, copyInto);
}

/** Returns the present name of a table or partition of the backup. */
function loadedName({ name, partition }: DumpedTable): string {
  return partition ? partitionName(partition.table, partition.month) : name;
}

async function requireCounts(
  tx: Transaction,
  names: readonly string[],
  tables: readonly DumpedTable[],
  manifest: BackupManifest,
): Promise<void> {
  for (const { name, rows } of manifest.tables) {
    const table = tables.find((one) => one.name === name);
    if (!table) throw new StartError(`The backup is damaged: its table ${name} is not described.`);
    if (!names.includes(table.partition?.table ?? name)) continue;
    const [counted] = await tx.unsafe<{ rows: string }[]>(`select count(*) as rows from ${quoted(loadedName(table))}`);
    if (Number(counted?.rows) !== rows)
      throw new StartError(`The restored table ${name} has ${counted?.rows} rows, but the backup has ${rows}.`);
  }
}

/**
 * The numbers that are skipped, so that rows and events which were lost since the backup, and still exist in Redis or
 * elsewhere, do not share one with a new row.
 */
const SEQUENCE_GAP = 1_000;

async function restoreSequences(
  tx: Transaction,
  names: readonly string[],
  { sequences }: BackupManifest,
): Promise<void> {
  for (const { table, column, last_value } of sequences) {
    if (!names.includes(table)) continue;
    await tx`select setval(pg_get_serial_sequence(${quoted(table)}, ${column}), ${last_value}::bigint + ${SEQUENCE_GAP}::int)`;
  }
}
