import type { Writable } from "node:stream";
import product from "@/package.json" with { type: "json" };
import { LOCKS } from "@/server/db/advisory-locks";
import { connectForLongWork, type Sql } from "@/server/db/client";
import { newestSchema, schemaNumber } from "@/server/db/schema-number";
import { withSnapshot } from "@/server/db/snapshot";
import { type FileStores, openFileStores } from "@/server/files";
import type { Config } from "@/server/process/config";
import { COMMAND_LINE } from "@/server/process/context";
import { readSecret } from "@/server/process/secret";
import { StartError } from "@/server/process/start-error";
import { insertAudit } from "@/server/services/audit";
import {
  type BackupHeader,
  type BackupManifest,
  type BackupSummary,
  HEADER,
  MANIFEST,
  SECRET,
  summaryOf,
} from "./contract";
import { dumpFiles, type RecordedFile, recordedFiles } from "./dump-files";
import { describeTables, dumpedTableNames, dumpTable, readSequences } from "./dump-tables";
import { type ArchiveWriter, addBytes, addJson, makeArchiveWriter } from "./write-archive";

interface BackupOptions {
  readonly config: Config;
  /** The URL of the database, which need not have the newest schema. */
  readonly url: string;
  readonly destination: Writable;
  /** Whether files of exports and archives are included; otherwise they are only listed. */
  readonly withFiles: boolean;
  /** The name of the backup, for the audit log. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Receives what the user should know, in one line. */
  readonly onNotice: (text: string) => void;
}

/**
 * Writes a backup while the product runs: every table in one snapshot, then the files that its records name, and the
 * secret. A backup is complete when it contains its manifest, the last entry.
 * @throws StartError, AppError files.*, the error of `destination`
 */
export async function createBackup(options: BackupOptions): Promise<BackupSummary> {
  const { config, url, signal } = options;
  const sql = connectForLongWork(url, "batch-console backup");
  try {
    const schema = await requireSchema(sql);
    const stores = await openStores(config, sql);
    // Until the session ends, no archive is converted: the files that the snapshot names remain.
    await sql`select pg_advisory_lock_shared(${LOCKS.archiveFiles}, 0)`;
    if (schema === (await newestSchema())) {
      await insertAudit(sql, COMMAND_LINE, "backup.create", "ok", { name: options.name, files: options.withFiles });
    }
    const writer = makeArchiveWriter(options.destination);
    const dumped = await dumpDatabase(options, { schema, writer, names: await dumpedTableNames(sql) });
    const files = options.withFiles
      ? await dumpFiles({ sql, stores, writer, signal, onFile: options.onProgress }, dumped.files)
      : dumped.files.map(({ key, store }) => ({ key, store, state: "listed" as const }));
    for (const { key, state } of files) {
      if (state === "missing") options.onNotice(`${key} is missing in its file store and is not included.`);
      if (state === "listed" && options.withFiles)
        options.onNotice(
          `${key} is on another machine's disk, or in an object store that is not configured, and is not included.`,
        );
    }
    const manifest: BackupManifest = { ...dumped.content, entries: [...writer.entries], files };
    await addJson(writer, MANIFEST, manifest);
    signal.throwIfAborted();
    await writer.end();
    return summaryOf(dumped.header, manifest);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function requireSchema(sql: Sql): Promise<number> {
  const schema = await schemaNumber(sql);
  if (schema === null)
    throw new StartError("The database contains no tables of this product: there is nothing to back up.");
  if (schema === "newer")
    throw new StartError("The database has the schema of a newer version: use that version for the backup.");
  return schema;
}

/** Records of older schemas name no stores: their files are on the disk. */
async function openStores(config: Config, sql: Sql): Promise<FileStores> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('file_stores') is not null as exists`;
  if (table?.exists) return await openFileStores(config, sql);
  return await openFileStores({ dataDir: config.dataDir, filesUrl: undefined }, sql);
}

interface Dumped {
  readonly header: BackupHeader;
  readonly content: Pick<BackupManifest, "tables" | "sequences">;
  readonly files: readonly RecordedFile[];
}

async function dumpDatabase(
  { config, url, signal, onProgress }: BackupOptions,
  { schema, writer, names }: { schema: number; writer: ArchiveWriter; names: readonly string[] },
): Promise<Dumped> {
  const source = { url, applicationName: "batch-console backup", timeZone: "UTC", tables: names };
  return await withSnapshot(source, signal, async (tx, created_at) => {
    const tables = await describeTables(tx, names);
    const stores = names.includes("file_stores")
      ? await tx<{ id: string; location: string }[]>`select id, location from file_stores order by id`
      : [];
    const header: BackupHeader = {
      format: 1,
      version: product.version,
      schema,
      created_at,
      tables,
      stores: [...stores],
    };
    await addJson(writer, HEADER, header);
    const secret = await readSecret(config);
    if (secret !== undefined) await addBytes(writer, SECRET, Buffer.from(secret));
    const counts: { name: string; rows: number }[] = [];
    for (const table of tables) {
      const rows = await dumpTable(tx, writer, table, (done) =>
        onProgress(`${table.name}: ${done.toLocaleString("en")} rows`),
      );
      counts.push({ name: table.name, rows });
    }
    return {
      header,
      content: { tables: counts, sequences: await readSequences(tx, names) },
      files: await recordedFiles(tx),
    };
  });
}
