import type { Logger } from "pino";
import { causeCode } from "@/server/lib/errors";
import type { Sql, SqlExecutor } from "../client";
import { SQLSTATE } from "../sqlstate";
import { withShortLocks } from "./with-short-locks";

export interface IndexDefinition {
  readonly unique: string;
  readonly name: string;
  readonly table: string;
  /** From `USING` on. */
  readonly rest: string;
}

interface BuildOptions {
  readonly log?: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress: (done: number, total: number) => Promise<void>;
}

/** Parses the statement that drizzle-kit generates for an index. */
export function parseIndex(statement: string): IndexDefinition | undefined {
  const [, unique = "", name, table, rest] =
    /^CREATE (UNIQUE )?INDEX "(\w+)" ON "(\w+)" (USING .*?);?$/s.exec(statement) ?? [];
  return name && table && rest ? { unique, name, table, rest } : undefined;
}

/**
 * Builds an index without blocking writes. What an interrupted build left behind is used if it is complete, and dropped
 * if it is not.
 */
export async function buildIndex(sql: Sql, index: IndexDefinition, options: BuildOptions): Promise<void> {
  const [table] = await sql<{ relkind: string }[]>`
    select relkind from pg_class where oid = to_regclass(${quoted(index.table)})`;
  if (table?.relkind === "p") await buildByPartition(sql, index, options);
  else await buildConcurrently(sql, index);
}

/**
 * Creates the index of the partitioned table without its partitions, then one partition's at a time, newest first, and
 * attaches each. Partitions created in the meantime get theirs from PostgreSQL.
 */
async function buildByPartition(sql: Sql, index: IndexDefinition, options: BuildOptions): Promise<void> {
  const { unique, name, table, rest } = index;
  await withShortLocks(
    sql,
    async (tx) => {
      if ((await stateOf(tx, name)) === undefined) {
        await tx.unsafe(`create ${unique}index ${quoted(name)} on only ${quoted(table)} ${rest}`);
      }
    },
    { name: `Index ${name}`, ...options },
  );
  for (;;) {
    const partitions = await partitionsOf(sql, index);
    const missing = partitions.filter(({ isIndexed }) => !isIndexed);
    await options.onProgress(partitions.length - missing.length, partitions.length);
    const [next] = missing;
    if (!next) return;
    options.signal?.throwIfAborted();
    try {
      const part = { ...index, name: await partName(sql, index, next.partition), table: next.partition };
      await buildConcurrently(sql, part);
      await withShortLocks(
        sql,
        (tx) => tx.unsafe(`alter index ${quoted(name)} attach partition ${quoted(part.name)}`),
        { name: `Index ${part.name}`, ...options },
      );
    } catch (error) {
      // A cleanup dropped the partition.
      if (causeCode(error) !== SQLSTATE.undefinedTable) throw error;
    }
  }
}

/** The name of a partition's index: `access_logs_values_p2026_11_idx`. An earlier definition's part may have it. */
async function partName(sql: Sql, { name, table }: IndexDefinition, partition: string): Promise<string> {
  const base = partition.replace(table, name.replace(/_idx$/, "")).slice(0, 55);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? `${base}_idx` : `${base}_idx${number}`;
    const [attached] = await sql`select from pg_inherits where inhrelid = to_regclass(${quoted(candidate)})`;
    if (!attached) return candidate;
  }
}

/** The partitions of the index's table, newest first, and whether each has its part of the index. */
function partitionsOf(sql: Sql, { name, table }: IndexDefinition) {
  return sql<{ partition: string; isIndexed: boolean }[]>`
    select
      partition.relname as partition,
      exists (
        select from pg_inherits as attached
        join pg_index on indexrelid = attached.inhrelid
        where attached.inhparent = to_regclass(${quoted(name)}) and indrelid = partition.oid
      ) as "isIndexed"
    from pg_inherits
    join pg_class as partition on partition.oid = inhrelid
    where inhparent = to_regclass(${quoted(table)}) and not inhdetachpending
    order by partition.relname desc`;
}

async function buildConcurrently(sql: Sql, { unique, name, table, rest }: IndexDefinition): Promise<void> {
  const state = await stateOf(sql, name);
  if (state === "valid") return;
  // Both wait for transactions in progress, without blocking others.
  if (state === "invalid") await sql.unsafe(`drop index concurrently ${quoted(name)}`);
  await sql.unsafe(`create ${unique}index concurrently ${quoted(name)} on ${quoted(table)} ${rest}`);
}

async function stateOf(sql: SqlExecutor, name: string): Promise<"valid" | "invalid" | undefined> {
  const [found] = await sql<{ indisvalid: boolean }[]>`
    select indisvalid from pg_index where indexrelid = to_regclass(${quoted(name)})`;
  return found && (found.indisvalid ? "valid" : "invalid");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
