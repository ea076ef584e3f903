import { logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Cleaning } from "../cleanup/cleanup-types";
import { expiredSql } from "../cleanup/expiry";

/** Size of the blocks in which rows are processed. */
const BLOCK_BYTES = 256 * 1024;

/** Copies the expired rows of a partition as CSV, ordered by time. @param header whether the first record is one */
export function copyRows(
  cleaning: Cleaning,
  tx: Transaction,
  partition: string,
  { columns, header }: { readonly columns: string; readonly header: boolean },
): AsyncGenerator<Buffer, void> {
  const copy = `
    copy (select ${columns} from ${partition} where ${expiredSql(cleaning.expiry)} order by created_at, id)
    to stdout with (format csv, header ${header}, encoding 'UTF8')`;
  return blocksOf(cleaning, tx, copy, header ? 1 : 0);
}

/** The columns of the table, in order. */
export function tableColumns({ table }: Cleaning): string {
  return logTables[table].columns.map(({ name }) => name).join(", ");
}

/**
 * Collects rows, which arrive in one chunk each, into blocks: processing them one by one takes twenty times as long.
 * @param headers the number of chunks at the start that are not rows
 */
async function* blocksOf(
  { step, archived }: Cleaning,
  tx: Transaction,
  copy: string,
  headers: number,
): AsyncGenerator<Buffer, void> {
  let parts: Buffer[] = [];
  let size = 0;
  let isFirst = true;
  const finishBlock = async () => {
    archived(parts.length - (isFirst ? headers : 0));
    if (isFirst) await step("archive half written");
    isFirst = false;
    parts = [];
    size = 0;
  };
  for await (const row of await tx.unsafe(copy).readable()) {
    parts.push(row);
    size += row.length;
    if (size < BLOCK_BYTES) continue;
    yield Buffer.concat(parts, size);
    await finishBlock();
  }
  if (size === 0) return;
  yield Buffer.concat(parts, size);
  await finishBlock();
}
