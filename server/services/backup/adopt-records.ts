import { AUDIT_OWNER } from "@/server/db/audit-protection";
import type { Transaction } from "@/server/db/client";
import { type FileStore, recordStores } from "@/server/files";
import type { BackupManifest, DumpedFile } from "./contract";

export interface RestoredFiles {
  readonly store: FileStore;
  /** All stores of this process, if the schema has records of stores. */
  readonly recorded: readonly FileStore[];
}

/**
 * Adapts restored records to this installation. Sessions are not in a backup; leases of jobs have expired, so workers
 * run those jobs again.
 */
export async function adoptRecords(tx: Transaction, manifest: BackupManifest, files: RestoredFiles): Promise<void> {
  // Snapshots and transaction IDs belong to the other server.
  await tx`update archives set whole_partition = false where whole_partition`;
  // Each task is due at its next regular time, so that a restore of an old backup does not start all of them.
  await tx`update scheduled_tasks set next_run_at = null, planned_from = null`;

  // The role of this installation determines which protection the audit log can have.
  await tx`delete from monitoring_state where name = ${AUDIT_OWNER}`;

  const removed = asArray(tx, manifest, ({ state }) => state === "removed");
  await tx`delete from exports where 'exports/' || file_name in ${removed}`;
  await tx`update archives set state = 'expired', expired_at = now() where path in ${removed}`;

  if (files.recorded.length === 0) return;
  await recordStores(tx, files.recorded);
  const isIncluded = ({ state }: DumpedFile) => state === "included";
  const included = asArray(tx, manifest, isIncluded);
  const { id } = files.store;
  await tx`update exports set store = ${id} where 'exports/' || file_name in ${included}`;
  // The file of an archive that was being written is not needed: its rows are in the table.
  await tx`update archives set store = ${id} where path in ${included} or state = 'writing'`;
  const stores = manifest.files.filter(isIncluded).map(({ store }) => store);
  await tx`
    update jobs set store = ${id}
    where status in ('queued', 'running')
      and store in (select json_array_elements_text(${JSON.stringify(stores)}::text::json))`;
}

/** The session knows no array types. */
function asArray(tx: Transaction, { files }: BackupManifest, isChosen: (file: DumpedFile) => boolean) {
  const keys = JSON.stringify(files.filter(isChosen).map(({ key }) => key));
  return tx`(select json_array_elements_text(${keys}::text::json))`;
}
