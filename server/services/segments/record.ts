import type { LogTableName } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import { type Block, insertBlocks } from "@/server/services/segment-blocks";
import { SEGMENT_LAYOUT } from "@/server/services/segment-files";
import { hourAfter } from "./hours";
import type { StoredSegment, Writing } from "./store-segment";

/**
 * Records a segment, and the hours that it contains. Hours that changed since remain dirty.
 * @param stored null: the hours have no rows
 */
export async function record(
  { session, step }: Writing,
  table: LogTableName,
  stored: (StoredSegment & { readonly blocks: readonly Block[] }) | null,
  hours: readonly { readonly hour: Instant; readonly seq: string }[],
): Promise<void> {
  await session.transaction(async (tx) => {
    await lockHours(
      tx,
      table,
      hours.map(({ hour }) => hour),
    );
    if (stored) {
      await insertSegment(
        tx,
        table,
        stored,
        hours.map(({ hour }) => hour),
      );
      await insertBlocks(tx, stored.id, stored.blocks);
    }
    const counts = hours.map(({ hour }) => stored?.counts.get(hour) ?? 0);
    await tx`
      update segment_hours set
        segment_id = case when written.rows > 0 then ${stored?.id ?? null}::uuid end,
        row_count = written.rows,
        dirty_seq = nullif(dirty_seq, written.seq)
      from unnest(
        ${hours.map(({ hour }) => hour)}::timestamptz[], ${hours.map(({ seq }) => seq)}::bigint[], ${counts}::bigint[]
      ) as written (hour, seq, rows)
      where log_table = ${table} and segment_hours.hour = written.hour`;
    await markReplaced(tx, table);
    await step("recorded, not committed");
  });
  await step("recorded");
}

/** In one order, so that the transaction that takes marks does not wait for this one and this one for it. */
export async function lockHours(tx: SqlExecutor, table: LogTableName, hours: readonly Instant[]): Promise<void> {
  await tx`
    select from segment_hours
    where log_table = ${table} and hour = any(${[...hours]}::timestamptz[])
    order by log_table, hour
    for update`;
}

export async function insertSegment(
  tx: SqlExecutor,
  table: LogTableName,
  { id, store, path, rowCount, sizeBytes, sha256 }: StoredSegment,
  hours: readonly Instant[],
): Promise<void> {
  await tx`
    insert into segments (id, log_table, store, path, starts_at, ends_at, row_count, size_bytes, sha256, layout)
    values (
      ${id}, ${table}, ${store}, ${path}, ${hours[0] ?? ""}, ${hourAfter(hours.at(-1) ?? "")},
      ${rowCount}, ${sizeBytes}, ${sha256}, ${SEGMENT_LAYOUT}
    )`;
}

/** Marks segments that no hour refers to. Their files are removed later. */
export async function markReplaced(tx: SqlExecutor, table: LogTableName): Promise<void> {
  await tx`
    update segments set replaced_at = now()
    where log_table = ${table} and replaced_at is null
      and not exists (select from segment_hours where segment_id = segments.id)`;
}
