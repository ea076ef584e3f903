import { LOCKS } from "./advisory-locks";
import type { SqlExecutor } from "./client";
import { toIsoMicroseconds } from "./schema/types";
import { lockTransaction } from "./silent-sessions";

/** A month as `2026-11`, in UTC. */
export type Month = string;

/** Rows of these years can be stored. Monthly partitions are created on demand. */
export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2100;

const MONTHS_AHEAD = 3;

/** Returns the months from the one before `now` to three months after it. */
export function monthsAhead(now: Date): Month[] {
  return Array.from({ length: MONTHS_AHEAD + 2 }, (_, index) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + index - 1)).toISOString().slice(0, 7),
  );
}

function nextMonth(month: Month): Month {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year ?? 0, number ?? 0)).toISOString().slice(0, 7);
}

/** @throws if `month` is none, because names are interpolated into statements that accept no parameters */
export function partitionName(tableName: string, month: Month): string {
  if (!MONTH.test(month)) throw new Error(`Not a month: ${month}`);
  return `${tableName}_p${month.replace("-", "_")}`;
}

/**
 * Creates the missing partitions of `tableName`. They are attached rather than created as partitions: that takes SHARE
 * UPDATE EXCLUSIVE on the table, while CREATE … PARTITION OF takes ACCESS EXCLUSIVE and blocks readers and writers. An
 * advisory lock serializes this over all processes.
 */
export async function ensurePartitions(sql: PartitionSql, tableName: string, months: Iterable<Month>): Promise<void> {
  for (const month of months) await sql.begin((tx) => ensurePartition(tx, tableName, month));
}

/** Creates the partition in a transaction, if it is missing. */
export async function ensurePartition(tx: SqlExecutor, tableName: string, month: Month): Promise<void> {
  // Mostly it exists. Without the lock, this does not wait for another process.
  if (await isPartition(tx, tableName, month)) return;
  await lockTransaction(tx, LOCKS.partitions, tableName);
  if (!(await isPartition(tx, tableName, month))) await addPartition(tx, tableName, month);
}

async function isPartition(tx: SqlExecutor, tableName: string, month: Month): Promise<boolean> {
  const [existing] = await tx`
    select 1
    from pg_inherits
    where inhparent = ${tableName}::regclass and inhrelid = to_regclass(${partitionName(tableName, month)})`;
  return existing !== undefined;
}

/**
 * Creates a partition.
 * @param fill adds rows to it before it has indexes, which are then built at once
 */
export async function addPartition(
  tx: SqlExecutor,
  tableName: string,
  month: Month,
  fill: (name: string) => Promise<void> = async () => {},
): Promise<void> {
  const name = partitionName(tableName, month);
  await tx.unsafe(`create table ${name} (like ${tableName} including defaults including constraints)`);
  await fill(name);
  await tx.unsafe(
    `alter table ${tableName} attach partition ${name}
     for values from ('${month}-01 00:00:00+00') to ('${nextMonth(month)}-01 00:00:00+00')`,
  );
}

export interface Partition {
  readonly name: string;
  readonly oid: number;
  readonly month: Month;
  /** Inclusive lower bound, ISO 8601 UTC with microseconds. */
  readonly from: string;
  /** Exclusive upper bound. */
  readonly to: string;
}

/** Lists the partitions of `tableName`, oldest first. */
export async function listPartitions(sql: SqlExecutor, tableName: string): Promise<Partition[]> {
  const rows = await sql<{ name: string; oid: number; bounds: string }[]>`
    select child.relname as name, child.oid, pg_get_expr(child.relpartbound, child.oid) as bounds
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent = ${tableName}::regclass and not inhdetachpending`;
  return rows
    .map(({ name, oid, bounds }) => {
      const { from, to } = readBounds(bounds);
      return { name, oid, from, to, month: from.slice(0, 7) };
    })
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** Parses `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00')`, PostgreSQL's format in UTC. */
export function readBounds(text: string): { from: string; to: string } {
  const [, from = "", to = ""] = /FROM \('([^']*)'\) TO \('([^']*)'\)/.exec(text) ?? [];
  return { from: toIsoMicroseconds(from), to: toIsoMicroseconds(to) };
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

interface PartitionSql {
  begin<T>(work: (tx: SqlExecutor) => Promise<T>): Promise<unknown>;
}
