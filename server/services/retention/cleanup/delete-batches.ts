import { logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Partition } from "@/server/db/partitions";
import { archivedRows } from "@/server/services/archive-files";
import { CREATED_AT, hashArray, ID, markDirtyHours, type Row, rowHashSql } from "@/server/services/intake";
import { makeIntakeThrottle } from "@/server/services/queues";
import type { Archive } from "../archives/records";
import { addToTally } from "./cleanup-counts";
import type { Cleaning } from "./cleanup-types";
import { expiredSql } from "./expiry";
import { expiredRowBytes } from "./row-bytes";

interface Key {
  readonly created_at: string;
  readonly id: string;
}

/**
 * Deletes the expired rows that an archive contains with the same key and content, in batches by key. Rows added after
 * its snapshot remain: they have another key or, if corrected, another content.
 * @throws when the file cannot be read to its end: damageOf returns why
 */
export async function deleteArchived(cleaning: Cleaning, archive: Archive, partition: Partition): Promise<void> {
  const { columns } = logTables[archive.table];
  const where = expiredSql(cleaning.expiry, "row.created_at");
  const statement = `
    delete from ${partition.name} as row
    using unnest($1::timestamptz[], $2::uuid[], $3::bytea[]) as archived (created_at, id, hash)
    where row.created_at = archived.created_at and row.id = archived.id and ${where}
      and ${rowHashSql(columns, "row")} = archived.hash`;
  const batches = await makeBatches(cleaning, partition);
  const size = cleaning.ctx.config.cleanupBatchSize;
  for await (const rows of archivedRows(cleaning.ctx, archive, { size, ignoresLostColumns: true })) {
    const keys = rows.map(keyOf);
    await batches(async (tx) => {
      const parameters = [
        `{${keys.map(({ created_at }) => created_at).join(",")}}`,
        `{${keys.map(({ id }) => id).join(",")}}`,
        hashArray(columns, rows),
      ];
      // Pipelined, since each round trip adds to the batch's duration.
      const [, deleted] = await Promise.all([
        // Each key is one primary key lookup; a plan that scans the partition would do so for every batch.
        tx.unsafe("set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off"),
        tx.unsafe(statement, parameters, { prepare: true }),
        markKeysDirty(tx, cleaning, keys),
      ]);
      return deleted.count;
    });
  }
}

/** The keys of an archive are ordered by time. */
async function markKeysDirty(tx: Transaction, { table }: Cleaning, keys: readonly Key[]): Promise<void> {
  const [first, last] = [keys[0], keys.at(-1)];
  if (first && last) await markDirtyHours(tx, table, first.created_at, endOfHour(last));
}

function keyOf(row: Row): Key {
  return { created_at: row[CREATED_AT] ?? "", id: row[ID] ?? "" };
}

function endOfHour({ created_at }: Key): string {
  return `${created_at.slice(0, 13)}:59:59.999999Z`;
}

/** Deletes the expired rows of a partition without an archive, in batches along the key. */
export async function deleteExpired(cleaning: Cleaning, partition: Partition): Promise<void> {
  const where = expiredSql(cleaning.expiry);
  const size = cleaning.ctx.config.cleanupBatchSize;
  const batches = await makeBatches(cleaning, partition);
  let after: Key | undefined = { created_at: "-infinity", id: "00000000-0000-0000-0000-000000000000" };
  while (after) {
    const from: Key = after;
    await batches(async (tx) => {
      const [last] = await tx.unsafe<Key[]>(
        `select created_at, id
         from ${partition.name}
         where ${where} and (created_at, id) > ($1::timestamptz, $2::uuid)
         order by created_at, id
         offset ${size - 1}
         limit 1`,
        [from.created_at, from.id],
        { prepare: true },
      );
      after = last;
      // Without a last row, the batch extends to the end of the partition.
      const first = from.created_at === "-infinity" ? partition.from : from.created_at;
      const markedTo = last ? endOfHour(last) : partition.to;
      const upTo = last ? "and (created_at, id) <= ($3::timestamptz, $4::uuid)" : "";
      const [deleted] = await Promise.all([
        tx.unsafe(
          `delete from ${partition.name}
           where ${where} and (created_at, id) > ($1::timestamptz, $2::uuid) ${upTo}`,
          last ? [from.created_at, from.id, last.created_at, last.id] : [from.created_at, from.id],
          { prepare: true },
        ),
        markDirtyHours(tx, cleaning.table, first, markedTo),
      ]);
      return deleted.count;
    });
  }
}

/** Runs batches, each in its own transaction with its counts, and throttles between them. */
async function makeBatches(cleaning: Cleaning, partition: Partition) {
  const { ctx, table, expiry, maintenance, job, step, advance } = cleaning;
  const throttle = makeIntakeThrottle(ctx, job.signal);
  const rowBytes = await expiredRowBytes(maintenance.sql, table, partition, expiry);
  return async (remove: (tx: Transaction) => Promise<number>): Promise<void> => {
    job.signal.throwIfAborted();
    const begin = Date.now();
    const deleted = await maintenance.transaction(async (tx) => {
      const count = await remove(tx);
      await addToTally(tx, job.id, { deleted: count, reusableBytes: count * rowBytes });
      await step("batch deleted, not committed");
      return count;
    });
    advance(deleted);
    await step("batch committed");
    await throttle(Date.now() - begin);
  };
}
