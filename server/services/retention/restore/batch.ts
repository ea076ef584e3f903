import { logTables } from "@/server/catalog";
import type { SqlExecutor, Transaction } from "@/server/db/client";
import type { Row } from "@/server/services/intake";
import {
  arrayLiterals,
  hashArray,
  hoursOf,
  INSERT_STATEMENTS,
  markDirtyHours,
  rowHashSql,
} from "@/server/services/intake";
import type { Archive } from "../archives/records";

/** Starts the counters of a job. @returns how many rows its earlier attempts restored */
export async function openTally(tx: SqlExecutor, jobId: string): Promise<number> {
  await tx`insert into restore_tallies (job_id) values (${jobId}) on conflict do nothing`;
  const [row] = await tx<{ restored: number }[]>`
    select restored::float8 as restored from restore_tallies where job_id = ${jobId}`;
  return row?.restored ?? 0;
}

/**
 * Inserts rows of an archive whose keys are free, and counts them in the job's counters.
 * @returns the number of restored rows, and of keys with other content
 */
export async function restoreBatch(
  tx: Transaction,
  archive: Archive,
  jobId: string,
  rows: readonly Row[],
): Promise<{ restored: number; different: number }> {
  const { table } = archive;
  const { columns } = logTables[table];
  for (const hour of hoursOf(rows)) await markDirtyHours(tx, table, hour, hour.replace(":00Z", ":59:59.999999Z"));
  const { count: restored } = await tx.unsafe(INSERT_STATEMENTS[table].skipping, arrayLiterals(columns, rows), {
    prepare: true,
  });
  const different = restored === rows.length ? 0 : await countDifferent(tx, archive, rows);
  await tx`
    update restore_tallies set restored = restored + ${restored}, updated_at = now() where job_id = ${jobId}`;
  return { restored, different };
}

async function countDifferent(tx: Transaction, { table }: Archive, rows: readonly Row[]): Promise<number> {
  const { columns, tableName } = logTables[table];
  const arrayOf = (column: number) => `{${rows.map((row) => row[column]).join(",")}}`;
  const [found] = await tx.unsafe<{ rows: number }[]>(
    `select count(*)::int as rows
     from unnest($1::timestamptz[], $2::uuid[], $3::bytea[]) as archived (created_at, id, hash)
     join ${tableName} log on log.created_at = archived.created_at and log.id = archived.id
     where ${rowHashSql(columns, "log")} <> archived.hash`,
    [arrayOf(1), arrayOf(0), hashArray(columns, rows)],
    { prepare: true },
  );
  return found?.rows ?? 0;
}
