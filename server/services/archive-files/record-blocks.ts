import type { LogTable } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import { type Block, insertArchiveBlocks, makeBlockWriter } from "@/server/services/segment-blocks";

/** Bytes of filters that are collected before they are inserted. */
const COLLECTED_BYTES = 4 * 1024 * 1024;

/**
 * Inserts the blocks of an archive's rows while their CSV is copied. The copy does not fail if they cannot be inserted,
 * because they can be computed again from the file.
 * @param sql of another connection than the one that reads the rows
 * @param rows CSV in chunks of whole rows
 * @returns `rows`, which must be read; `failure`: undefined after the last row if all blocks were inserted
 */
export function recordBlocks(sql: SqlExecutor, table: LogTable, archiveId: string, rows: AsyncIterable<Uint8Array>) {
  const writer = makeBlockWriter(table);
  let failure: unknown = new Error("The rows were not read to their end.");
  let hasFailed = false;
  const insert = async (blocks: readonly Block[]) => {
    if (hasFailed || blocks.length === 0) return;
    await insertArchiveBlocks(sql, archiveId, blocks).catch((error: unknown) => {
      hasFailed = true;
      failure = error;
    });
  };
  async function* pass(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of writer.pass(rows)) {
      yield chunk;
      await insert(writer.take(COLLECTED_BYTES));
    }
    await insert(writer.finish());
    if (!hasFailed) failure = undefined;
  }
  return { rows: pass(), failure: () => failure };
}
