import { logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { CREATED_AT, type DeadLetterDraft, ID, type PreparedBatch } from "../batch";
import type { ImportCounts } from "./counters";

/** Number of new rows by import; null for rows without one. */
export type InsertedBy = Map<number | null, number>;

/** The import of the row at `index` of a batch. */
export function importOf({ events, origin }: PreparedBatch, index: number): number | null {
  return events[index]?.importId ?? origin.importId ?? null;
}

export function countTags(tags: readonly (number | null)[]): InsertedBy {
  const counts: InsertedBy = new Map();
  for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return counts;
}

/** What a stored batch adds to the counts of its imports. */
export function countsByImport(
  batch: PreparedBatch,
  insertedBy: InsertedBy,
  dead: readonly DeadLetterDraft[],
): ImportCounts[] {
  if (batch.origin.importId === undefined && !hasImports(batch, dead)) return [];
  const rows = countTags(batch.rows.map((_, index) => importOf(batch, index)));
  const refused = countTags(dead.map(({ importId }) => importId));
  const early = countTags(batch.dead.map(({ importId }) => importId));
  const droppedBy = countTags(batch.dropped.map(({ importId }) => importId));
  const ids = new Set([...rows.keys(), ...refused.keys(), ...droppedBy.keys()]);
  return [...ids].flatMap((importId) => {
    if (importId === null) return [];
    const dropped = droppedBy.get(importId) ?? 0;
    const received = (rows.get(importId) ?? 0) + (early.get(importId) ?? 0) + dropped;
    const inserted = insertedBy.get(importId) ?? 0;
    const rejected = refused.get(importId) ?? 0;
    return {
      importId,
      // Only queued events name their own import.
      settled: batch.origin.importId === undefined ? received : 0,
      inserted,
      rejected,
      dropped,
      duplicates: received - inserted - rejected - dropped,
      ...timesOf(batch, importId),
    };
  });
}

function hasImports({ events, dropped }: PreparedBatch, dead: readonly DeadLetterDraft[]): boolean {
  return (
    events.some(({ importId }) => importId !== undefined) ||
    [...dead, ...dropped].some(({ importId }) => importId !== null)
  );
}

/** The first and last time of the rows of one import. */
export function timesOf(batch: PreparedBatch, importId: number): Pick<ImportCounts, "firstTime" | "lastTime"> {
  let firstTime: string | undefined;
  let lastTime: string | undefined;
  for (const [index, row] of batch.rows.entries()) {
    const time = row[CREATED_AT];
    if (!time || importOf(batch, index) !== importId) continue;
    if (firstTime === undefined || time < firstTime) firstTime = time;
    if (lastTime === undefined || time > lastTime) lastTime = time;
  }
  return { firstTime, lastTime };
}

/**
 * Deletes what a batch stored for imports that had been undone before, in the same transaction, so that it is never
 * visible.
 */
export async function removeUndone(
  tx: Transaction,
  { table, rows }: PreparedBatch,
  dead: readonly DeadLetterDraft[],
  undone: readonly number[],
): Promise<void> {
  const removed = await tx.unsafe<{ import_id: number; rows: number }[]>(
    `with deleted as (
       delete from ${logTables[table].tableName} as stored
       using unnest($1::timestamptz[], $2::uuid[]) as batch (created_at, id)
       where stored.created_at = batch.created_at and stored.id = batch.id and stored.import_id = any($3::int[])
       returning stored.import_id
     )
     select import_id, count(*)::int as rows from deleted group by import_id`,
    [rows.map((row) => row[CREATED_AT] ?? ""), rows.map((row) => row[ID] ?? ""), [...undone]],
  );
  for (const group of removed) await addRemoved(tx, group.import_id, group.rows);
  await removeUndoneLetters(tx, dead, undone);
}

/** Like removeUndone, for dead letters only. */
export async function removeUndoneLetters(
  tx: Transaction,
  dead: readonly DeadLetterDraft[],
  undone: readonly number[],
): Promise<void> {
  if (dead.length === 0) return;
  await tx`
    delete from dead_letters where id = any(${dead.map(({ id }) => id)}::uuid[]) and import_id = any(${[...undone]}::int[])`;
}

/** Adds to the number of rows that the undo of an import removed. */
export async function addRemoved(tx: Transaction, importId: number, rows: number): Promise<void> {
  await tx`
    insert into import_tallies as tally (import_id, shard, removed) values (${importId}, pg_backend_pid() % 64, ${rows})
    on conflict (import_id, shard) do update set removed = tally.removed + excluded.removed`;
}
