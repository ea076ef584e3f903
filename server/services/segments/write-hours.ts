import { type LogTableName, logTables } from "@/server/catalog";
import { CSV_FORMAT, csvColumns, writeParquet } from "@/server/columnar";
import { computedFields } from "@/server/db/derived-value";
import { withSnapshot } from "@/server/db/snapshot";
import type { Instant } from "@/server/lib/time";
import { makeBlockWriter } from "@/server/services/segment-blocks";
import { inRanges, rangesOf } from "./hours";
import { record } from "./record";
import { storeSegment, type Writing, withDraft } from "./store-segment";

/** A dirty hour, and the number of its last known change. */
export interface DirtyHour {
  readonly hour: Instant;
  readonly seq: string;
}

/**
 * Writes the rows of dirty hours of one month to a segment. The changes with the given numbers were committed before
 * they were read, so the snapshot contains them; hours that changed later have another number, and remain dirty.
 * @returns the number of rows
 */
export async function writeHours(writing: Writing, table: LogTableName, hours: readonly DirtyHour[]): Promise<number> {
  const { ctx, signal, step } = writing;
  const { tableName } = logTables[table];
  return await withDraft(ctx, async (file) => {
    const names = hours.map(({ hour }) => hour);
    const ranges = rangesOf(names);
    const rows = `
      from ${tableName}
      where created_at >= '${ranges[0]?.from}' and created_at < '${ranges.at(-1)?.to}' and ${inRanges(ranges)}`;
    const source = {
      url: ctx.db.url,
      applicationName: "batch-console segments",
      timeZone: "UTC",
      tables: [tableName],
    };
    const blocks = makeBlockWriter(logTables[table]);
    const copied = await withSnapshot(source, signal, async (tx) => {
      // An independent count, which the file must match.
      const [counted] = await tx.unsafe<{ rows: string }[]>(`select count(*) as rows ${rows}`);
      await step("snapshot taken");
      const expected = Number(counted?.rows);
      if (expected === 0) return 0;
      const columns = csvColumns(logTables[table]);
      const copy = await tx
        .unsafe(`copy (select ${columns} ${rows} order by created_at, id) to stdout with ${CSV_FORMAT}`)
        .readable();
      await writeParquet(ctx.columnar, logTables[table], blocks.pass(copy), file, {
        signal,
        computed: computedFields(logTables[table]),
      });
      return expected;
    });
    await step("file converted");
    const stored = copied === 0 ? null : await storeSegment(writing, { table, file, copied, hours: names });
    await step("file stored");
    await record(writing, table, stored && { ...stored, blocks: blocks.finish() }, hours);
    return copied;
  });
}
