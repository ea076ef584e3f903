import { AUDIT_OWNER } from "@/server/db/audit-protection";
import { connectForLongWork, type Sql } from "@/server/db/client";
import { migrateDatabase, migrateTo } from "@/server/db/migrate";
import { newestSchema, schemaNumber } from "@/server/db/schema-number";
import { connectSession } from "@/server/db/session";
import { openFileStores, recordStores } from "@/server/files";
import type { Config } from "@/server/process/config";
import { COMMAND_LINE } from "@/server/process/context";
import { StartError } from "@/server/process/start-error";
import { insertAudit } from "@/server/services/audit";
import type { RestoredFiles } from "./adopt-records";
import { type BackupHeader, type BackupSummary, summaryOf } from "./contract";
import { requireEmpty } from "./empty-database";
import { loadBackup } from "./load-backup";
import { openArchive } from "./read-archive";

interface RestoreOptions {
  readonly config: Config;
  /** The URL of an empty database, with or without tables. */
  readonly url: string;
  readonly source: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Receives what the user should know, in one line. */
  readonly onNotice: (text: string) => void;
}

/**
 * Restores a backup of this or an older version into an empty database, and its files into this process's file store.
 * All rows are restored in one transaction: after an error, the database is as empty as before.
 * @throws StartError if the database contains rows, or the backup is newer, incomplete or damaged
 */
export async function restoreBackup(options: RestoreOptions): Promise<BackupSummary> {
  const { config, url, source, signal, onProgress, onNotice } = options;
  const archive = await openArchive(source);
  const sql = connectForLongWork(url, "batch-console restore");
  try {
    await prepareSchema(sql, url, archive.header);
    const files = await openStore(config, sql, archive.header);
    const session = connectSession(url, { applicationName: "batch-console restore", timeZone: "UTC" });
    try {
      // Copying large files takes longer than any limit.
      await session`set idle_in_transaction_session_timeout = 0`;
      const manifest = await session.begin((tx) =>
        loadBackup({ tx, archive, files, config, signal, onProgress, onNotice }),
      );
      onProgress("migrating");
      await migrateDatabase(url);
      await sql`analyze`;
      const separate = await sql`select from monitoring_state where name = ${AUDIT_OWNER}`;
      if (separate.length === 0) onNotice(OWN_AUDIT_LOG);
      const summary = summaryOf(archive.header, manifest);
      const { version, created_at, rows } = summary;
      await insertAudit(sql, COMMAND_LINE, "backup.restore", "ok", { version, created_at, rows });
      return summary;
    } finally {
      await session.end({ timeout: 1 });
    }
  } finally {
    await archive.entries.return();
    await sql.end({ timeout: 1 });
  }
}

const OWN_AUDIT_LOG =
  'The user of DATABASE_URL may not create roles, so it owns the audit log and could change its entries. See "The audit log" in docs/backup.md.';

/** Gives the empty database the schema of the backup. */
async function prepareSchema(sql: Sql, url: string, header: BackupHeader): Promise<void> {
  if (header.schema > (await newestSchema())) {
    throw new StartError(
      `The backup was created by version ${header.version}: restore it with that version or a newer one.`,
    );
  }
  const present = await schemaNumber(sql);
  if (present !== null) await requireEmpty(sql);
  if (present === "newer" || (present ?? 0) > header.schema) {
    throw new StartError(
      "The backup has an older schema than the tables of the database. Restore it into a database without tables: create a new one, or set DATA_DIR to a new folder.",
    );
  }
  await migrateTo(header.schema, url);
}

/** Opens the store for the files. Records of older schemas name no stores: their files are on the disk. */
async function openStore(config: Config, sql: Sql, { stores }: BackupHeader): Promise<RestoredFiles> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('file_stores') is not null as exists`;
  if (!table?.exists) {
    const { current } = await openFileStores({ dataDir: config.dataDir, filesUrl: undefined }, sql);
    return { store: current, recorded: [] };
  }
  // An object store that the backup does not know contains the files of another database.
  await recordStores(sql, stores);
  const { current, all } = await openFileStores(config, sql);
  return { store: current, recorded: all };
}
