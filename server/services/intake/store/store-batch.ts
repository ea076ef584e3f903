import { logTables } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { Transaction } from "@/server/db/client";
import { copyFrom } from "@/server/db/copy";
import { copyText } from "@/server/db/copy-text";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import {
  CREATED_AT,
  type DeadLetterDraft,
  ID,
  MAX_REPORTED_ERRORS,
  type PreparedBatch,
  type Row,
  type StoredBatch,
} from "../batch";
import { draftOf } from "../events/prepare";
import { acceptsPlainRow } from "../identity/plain-row";
import { countIntake } from "./counters";
import { writeDeadLetters } from "./dead-letter-store";
import { insertExpectingNew } from "./expect-new";
import { countsByImport, countTags, type InsertedBy, importOf, removeUndone } from "./import-rows";
import { arrayLiterals, INSERT_STATEMENTS } from "./insert-statements";
import { isolate } from "./isolate";
import { clearKnownPartitions, createPartitionsFor } from "./partitions";

const MAX_PLAIN_PAYLOAD = 10_000;

/**
 * Stores a batch inside `tx`: its rows, dead letters and counters, atomically. A row that PostgreSQL rejects becomes a
 * dead letter, without affecting others.
 */
export async function storeBatch(ctx: Context, tx: Transaction, batch: PreparedBatch): Promise<StoredBatch> {
  const started = performance.now();
  const { inserted, insertedBy, refused } = await storeRows(ctx, tx, batch);
  const dead = batch.dead.length === 0 ? refused : [...batch.dead, ...refused];
  await keepDead(tx, batch, dead);
  const dropped = batch.dropped.length;
  const received = batch.rows.length + batch.dead.length + dropped;
  const duplicates = received - inserted - dead.length - dropped;
  const counts = { received, inserted, duplicates, dead: dead.length, dropped };
  const undone = await countIntake(tx, batch.table, counts, batch.rows, countsByImport(batch, insertedBy, dead));
  if (undone.length > 0) await removeUndone(tx, batch, dead, undone);
  recordDuration("batch", batch.table, (performance.now() - started) / 1_000);
  return {
    received,
    inserted,
    duplicates,
    rejected: dead.length,
    dropped,
    errors: dead.slice(0, MAX_REPORTED_ERRORS).map(({ line, error }) => ({ line, error })),
    isUndone: undone.length > 0,
  };
}

/** Stores the rows of a batch. @returns the number of new rows, also by import, and the rejected ones */
export async function storeRows(
  ctx: Context,
  tx: Transaction,
  batch: PreparedBatch,
): Promise<{ inserted: number; insertedBy: InsertedBy; refused: DeadLetterDraft[] }> {
  await dateUndated(tx, batch);
  await createPartitionsFor(ctx, batch.table, batch.rows);
  const refused: DeadLetterDraft[] = [];
  const insertedBy: InsertedBy = new Map();
  const inserted = await insertOrRefuse(ctx, tx, batch, keyOrder(batch), { refused, insertedBy });
  return { inserted, insertedBy, refused };
}

/** Row indexes in primary key order, so that two batches with common rows do not deadlock. */
function keyOrder({ rows }: PreparedBatch): number[] {
  return [...rows.keys()].sort((a, b) => compareKeys(rows[a], rows[b]));
}

function compareKeys(left: Row = [], right: Row = []): number {
  return compareText(left[CREATED_AT], right[CREATED_AT]) || compareText(left[ID], right[ID]);
}

function compareText(left: string | null = "", right: string | null = ""): number {
  return left === right ? 0 : (left ?? "") < (right ?? "") ? -1 : 1;
}

/**
 * An event without a time that was stored before, by its id, gets the time of its first occurrence, so that it is
 * recognized.
 */
async function dateUndated(tx: Transaction, batch: PreparedBatch): Promise<void> {
  if (batch.undated.length === 0) return;
  const events = new Map(
    batch.undated.flatMap((index) => (batch.rows[index] ? [[batch.rows[index][ID], batch.rows[index]]] : [])),
  );
  const entries = [...events.values()].sort((a, b) => compareText(a[ID], b[ID]));
  const known = await tx<{ event_id: string; created_at: string }[]>`
    insert into undated_events as known (queue, event_id, created_at)
    select ${batch.table}, event_id, created_at
    from unnest(${entries.map((row) => row[ID] ?? "")}::uuid[], ${entries.map((row) => row[CREATED_AT] ?? "")}::timestamptz[])
      as event (event_id, created_at)
    on conflict (queue, event_id) do update set created_at = known.created_at
    returning event_id, created_at`;
  const timeOf = new Map(known.map((event) => [event.event_id, event.created_at]));
  for (const index of batch.undated) {
    const row = batch.rows[index];
    if (row) row[CREATED_AT] = timeOf.get(row[ID] ?? "") ?? row[CREATED_AT] ?? null;
  }
}

/** The outcome of a batch's rows, filled by insertOrRefuse. */
interface Outcome {
  readonly insertedBy: InsertedBy;
  readonly refused: DeadLetterDraft[];
}

/**
 * Inserts the rows at `indexes`, and converts rows that PostgreSQL rejects, for any reason, into dead letters. A reason
 * unrelated to a value counts only if the table accepts another row.
 * @returns the number of new rows
 */
async function insertOrRefuse(
  ctx: Context,
  tx: Transaction,
  batch: PreparedBatch,
  indexes: readonly number[],
  { refused, insertedBy }: Outcome,
): Promise<number> {
  return await isolate(
    indexes,
    async (some) => {
      const groups = await insertRows(ctx, tx, batch, some);
      for (const [importId, rows] of groups) insertedBy.set(importId, (insertedBy.get(importId) ?? 0) + rows);
      return [...groups.values()].reduce((sum, rows) => sum + rows, 0);
    },
    async (index, error) => {
      const event = batch.events[index];
      const row = batch.rows[index];
      if (!event || !row) throw error;
      if (!isRefusedValue(error) && !(await acceptsPlainRow(tx, batch.table, row))) throw error;
      refused.push(draftOf(batch.table, event, batch.origin, row[ID] ?? "", refusalReason(error, batch.table)));
    },
  );
}

/**
 * A dead letter that PostgreSQL rejects is stored with the beginning of its text in ASCII, so that no event is lost
 * silently.
 */
async function keepDead(tx: Transaction, batch: PreparedBatch, dead: readonly DeadLetterDraft[]): Promise<void> {
  await isolate(
    dead,
    async (letters) => {
      await tx.savepoint((savepoint) => writeDeadLetters(savepoint, batch.table, letters));
      return letters.length;
    },
    async (letter) => {
      const payload = JSON.stringify(letter.payload).replace(/[^\x20-\x7e]/g, (character) => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
      });
      const plain = { ...letter, payload: payload.slice(0, MAX_PLAIN_PAYLOAD), csvHeader: null, source: "" };
      await writeDeadLetters(tx, batch.table, [plain]);
    },
  );
}

async function insertRows(
  ctx: Context,
  tx: Transaction,
  batch: PreparedBatch,
  indexes: readonly number[],
): Promise<InsertedBy> {
  const rows = indexes.flatMap((index) => (batch.rows[index] ? [batch.rows[index]] : []));
  const tags = indexes.map((index) => importOf(batch, index));
  const { copy, tagging } = INSERT_STATEMENTS[batch.table];
  const insert = () =>
    insertExpectingNew(ctx.db, {
      table: batch.table,
      plain: () =>
        tx.savepoint(async (savepoint) => {
          await copyFrom(savepoint, copy, copyText(rows, tags));
          return countTags(tags);
        }),
      skipping: () =>
        tx.savepoint(async (savepoint) => {
          const parameters = arrayLiterals(logTables[batch.table].columns, rows);
          const tagList = `{${tags.map((tag) => tag ?? "NULL").join(",")}}`;
          const fresh = await savepoint.unsafe<{ import_id: number | null; rows: number }[]>(
            tagging,
            [...parameters, tagList],
            { prepare: true },
          );
          return new Map(fresh.map((group) => [group.import_id, group.rows]));
        }),
    });
  try {
    return await insert();
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
    // A cleanup dropped the partition between the cache lookup and the insert.
    clearKnownPartitions(ctx, batch.table);
    await createPartitionsFor(ctx, batch.table, rows);
    return await insert();
  }
}

function isMissingPartition(error: unknown): boolean {
  // Identified by the position in PostgreSQL's source, because its message may be localized.
  return error instanceof Error && "routine" in error && error.routine === "ExecFindPartition";
}

/** Data exceptions (22), constraint violations (23) and program limits such as an index entry's size (54). */
function isRefusedValue(error: unknown): boolean {
  return /^(22|23|54)/.test(causeCode(error) ?? "");
}

/** PostgreSQL's error context names COPY's column, or the parameter; parameters correspond to columns. */
function refusalReason(error: unknown, table: PreparedBatch["table"]): ErrorValue {
  const where = error instanceof Error && "where" in error ? String(error.where) : "";
  const [, copied, parameter] = /^COPY \w+, line \d+, column (\w+)|parameter \$(\d+)/.exec(where) ?? [];
  const column = copied ?? (parameter && logTables[table].columns[Number(parameter) - 1]?.name);
  return errorValue("event.refused", { field: column ?? "row", code: causeCode(error) ?? "" });
}
