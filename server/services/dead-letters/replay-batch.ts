import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import type { Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import { MAX_PAYLOAD_BYTES } from "@/server/queue/log-queue";
import type { DeadLetterFormat, IncomingEvent } from "@/server/services/intake";
import {
  countIntake,
  countTags,
  currentRules,
  prepareBatch,
  removeUndone,
  storeRows,
  timesOf,
} from "@/server/services/intake";
import type { ReplayResult } from "./contract";
import type { LetterEdit } from "./edit";
import { readLetter } from "./read-letter";
import { type ResolvedSelection, selectedLetters } from "./selection";

interface Letter {
  id: string;
  queue: string;
  payload: string;
  format: DeadLetterFormat;
  csv_header: string | null;
  mapping: string | null;
  first_seen_at: string;
  import_id: number | null;
}

const BATCH = 500;
/** Maximum size of a batch's texts, beyond its first letter. */
const BATCH_BYTES = 8_000_000;

export interface ReplayOptions {
  readonly selection: ResolvedSelection;
  /** PostgreSQL's time; those that were attempted since are not attempted again. */
  readonly started: string;
  /** The text to replay instead of the payload of the one selected letter. */
  readonly edited?: string;
  /** How the letters are changed. Those that fail then keep the error of their payload. */
  readonly edit?: LetterEdit;
}

/**
 * Replays some of the selected letters in `tx`: those that are stored are deleted, the others get another attempt.
 * @returns undefined when all have been attempted since `started`
 */
export async function replayBatch(
  ctx: Context,
  tx: Transaction,
  options: ReplayOptions,
): Promise<ReplayResult | undefined> {
  const { selection, started } = options;
  const letters = await tx<Letter[]>`
    with candidate as materialized (
      select id, octet_length(payload) as bytes
      from dead_letters
      where ${selectedLetters(tx, selection)} and last_seen_at < ${started}::timestamptz
      order by id
      limit ${BATCH}
      for update skip locked
    ),
    fitting as (
      select id, sum(bytes) over (order by id) - bytes as bytes_before
      from candidate
    )
    select id, queue, left(payload, ${MAX_PAYLOAD_BYTES}::int) as payload, format, first_seen_at, import_id, mapping,
      coalesce((select header from csv_headers where csv_headers.id = csv_header_id), csv_header) as csv_header
    from dead_letters
    join fitting using (id)
    where bytes_before < ${BATCH_BYTES} or bytes_before = 0
    order by id`;
  if (letters.length === 0) return undefined;

  const dead = new Map<string, ErrorValue>();
  let inserted = 0;
  let dropped = 0;
  for (const table of LOG_TABLE_NAMES) {
    const own = letters.filter((letter) => letter.queue === table);
    if (own.length === 0) continue;
    const part = await replayInto(ctx, tx, table, own, options, dead);
    inserted += part.inserted;
    dropped += part.dropped;
  }
  const replayed = letters.length - dead.size;
  return {
    replayed,
    inserted,
    duplicates: replayed - inserted - dropped,
    dropped,
    still_dead: dead.size,
    errors: [...dead].map(([id, error]) => ({ id, error })),
  };
}

/** Stores the letters of one table. @param dead receives those that failed again */
async function replayInto(
  ctx: Context,
  tx: Transaction,
  table: LogTableName,
  letters: readonly Letter[],
  { edited, edit }: ReplayOptions,
  dead: Map<string, ErrorValue>,
): Promise<{ readonly inserted: number; readonly dropped: number }> {
  const events: IncomingEvent[] = [];
  const slice = makeTimeSlice();
  for (const [line, letter] of letters.entries()) {
    const pause = slice();
    if (pause) await pause;
    const raw = edited ?? letter.payload;
    const parsed = readLetter(table, { ...letter, payload: raw }, edit);
    if ("error" in parsed) {
      dead.set(letter.id, parsed.error);
      continue;
    }
    const receivedAt = toIsoMicroseconds(letter.first_seen_at);
    const importId = letter.import_id ?? undefined;
    events.push({ event: parsed.event, raw, fallbackId: letter.id, receivedAt, importId, line });
  }
  const batch = await prepareBatch(ctx, table, events, {
    receivedAt: instantOf(ctx.now()),
    source: "replay",
    format: "json",
    rules: await currentRules(ctx, table),
  });
  const { inserted, insertedBy, refused } = await storeRows(ctx, tx, batch);
  for (const { line, error } of [...batch.dead, ...refused]) {
    const letter = letters[line ?? -1];
    if (letter) dead.set(letter.id, error);
  }
  const alive = letters.filter((letter) => !dead.has(letter.id)).map((letter) => letter.id);
  const again = [...dead].filter(([id]) => letters.some((letter) => letter.id === id));
  await tx`delete from dead_letters where id = any(${alive}::uuid[])`;
  await tx`
    update dead_letters
    set
      attempts = attempts + 1,
      last_seen_at = clock_timestamp(),
      error = ${edit ? tx`dead_letters.error` : tx`again.error::jsonb::text`}
    from unnest(${again.map(([id]) => id)}::uuid[], ${again.map(([, error]) => JSON.stringify(error))}::text[]) as again (id, error)
    where dead_letters.id = again.id`;
  const dropped = batch.dropped.length;
  const counts = {
    received: 0,
    inserted,
    duplicates: alive.length - inserted - dropped,
    dead: -alive.length,
    dropped,
  };
  const droppedOf = countTags(batch.dropped.map(({ importId }) => importId));
  const aliveOf = countTags(letters.flatMap(({ id, import_id }) => (dead.has(id) ? [] : import_id)));
  const imports = [...aliveOf].flatMap(([importId, revived]) => {
    if (importId === null) return [];
    const fresh = insertedBy.get(importId) ?? 0;
    const gone = droppedOf.get(importId) ?? 0;
    const duplicates = revived - fresh - gone;
    return { importId, inserted: fresh, duplicates, dropped: gone, rejected: -revived, ...timesOf(batch, importId) };
  });
  const undone = await countIntake(tx, table, counts, batch.rows, imports);
  if (undone.length > 0) await removeUndone(tx, batch, [], undone);
  return { inserted, dropped };
}
