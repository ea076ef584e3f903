import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { parseLogLine } from "@/server/catalog/formats";
import type { Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError, fieldError } from "@/server/lib/errors";
import { instantOf } from "@/server/lib/time";
import type { Context, Principal } from "@/server/process/context";
import { MAX_PAYLOAD_BYTES } from "@/server/queue/log-queue";
import { recordAudit } from "@/server/services/audit";
import type { DeadLetterFormat, IncomingEvent } from "@/server/services/intake";
import {
  countIntake,
  countTags,
  currentRules,
  deleteUnusedHeaders,
  makeCsvRowReader,
  prepareBatch,
  readJsonEvent,
  readMapped,
  removeUndone,
  storeRows,
  timesOf,
} from "@/server/services/intake";
import type { DeadLetterSelection, ReplayResult } from "./contract";
import { type ResolvedSelection, resolveSelection, selectedLetters, shownSelection } from "./dead-letters";

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
const MAX_ERRORS = 100;

/**
 * Replays dead letters, in batches of one transaction each. Successes move from dead to inserted or duplicate in the
 * counters, or to dropped if a rule drops them; failures get another attempt and remain.
 * @param edited the text to replay instead of the payload of the one selected dead letter
 * @throws AppError UNPROCESSABLE when `edited` is given for more than one, NOT_FOUND when none is left
 */
export async function replayDeadLetters(
  ctx: Context,
  selection: DeadLetterSelection,
  by: Principal,
  edited?: string,
): Promise<ReplayResult> {
  if (edited !== undefined && !("ids" in selection && selection.ids.length === 1)) {
    throw new AppError("dead_letter.one_at_a_time", {}, { errors: [fieldError("ids", "input.one_id", {})] });
  }
  const selected = await resolveSelection(ctx, selection);
  const [clock] = await ctx.db.sql<{ now: string }[]>`select clock_timestamp() as now`;
  const total = {
    replayed: 0,
    inserted: 0,
    duplicates: 0,
    dropped: 0,
    still_dead: 0,
    errors: [] as ReplayResult["errors"],
  };
  for (let isFirst = true; ; isFirst = false) {
    const batch = await ctx.db.sql.begin(async (tx) => {
      const done = await replayBatch(ctx, tx, selected, clock?.now ?? "", edited);
      if (done && isFirst) {
        const details = { ...shownSelection(selection), edited: edited !== undefined };
        await recordAudit(ctx, by, "dead-letter.replay", details, tx);
      }
      return done;
    });
    if (!batch) break;
    total.replayed += batch.replayed;
    total.inserted += batch.inserted;
    total.duplicates += batch.duplicates;
    total.dropped += batch.dropped;
    total.still_dead += batch.still_dead;
    total.errors.push(...batch.errors.slice(0, MAX_ERRORS - total.errors.length));
  }
  if (total.replayed > 0) await deleteUnusedHeaders(ctx.db.sql);
  if ("ids" in selection && total.replayed + total.still_dead === 0) {
    throw new AppError("dead_letter.not_found", {});
  }
  return total;
}

/** @returns undefined when all have been attempted since `started` */
async function replayBatch(
  ctx: Context,
  tx: Transaction,
  selection: ResolvedSelection,
  started: string,
  edited: string | undefined,
): Promise<ReplayResult | undefined> {
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
    const part = await replayInto(ctx, tx, table, own, edited, dead);
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
  edited: string | undefined,
  dead: Map<string, ErrorValue>,
): Promise<{ readonly inserted: number; readonly dropped: number }> {
  const events = letters.flatMap((letter, line): IncomingEvent[] => {
    const raw = edited ?? letter.payload;
    const parsed = readPayload(table, letter, raw);
    if ("event" in parsed) {
      const receivedAt = toIsoMicroseconds(letter.first_seen_at);
      return [
        { event: parsed.event, raw, fallbackId: letter.id, receivedAt, importId: letter.import_id ?? undefined, line },
      ];
    }
    dead.set(letter.id, parsed.error);
    return [];
  });
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
    set attempts = attempts + 1, last_seen_at = clock_timestamp(), error = again.error::jsonb::text
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

/** Parses the event in a dead letter's text; an edited one may be JSON regardless of its format. */
function readPayload(table: LogTableName, letter: Letter, payload: string): { event: unknown } | { error: ErrorValue } {
  if (letter.mapping !== null) return readMapped(payload, logTables[table], { ...letter, mapping: letter.mapping });
  if (letter.format === "json" || payload.trimStart().startsWith("{")) return readJsonEvent(payload);
  if (letter.format === "log_line") return parseLogLine(payload);
  try {
    return makeCsvRowReader(letter.csv_header ?? "", logTables[table])(payload);
  } catch {
    return { error: errorValue("event.not_one_row", { field: "event" }) };
  }
}
