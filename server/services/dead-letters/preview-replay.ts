import { logTables } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { MAX_PAYLOAD_BYTES } from "@/server/queue/log-queue";
import { currentRules, type IncomingEvent, memberPaths, prepareBatch, rowValues } from "@/server/services/intake";
import type { GroupReplayPreview, ReplayPreview } from "./contract";
import { compileEdit, resolveEdit } from "./edit";
import { type ReadableLetter, readLetter } from "./read-letter";
import { resolveMatching, selectedLetters } from "./selection";

/** Characters of a payload that are shown. */
const MAX_TEXT = 2_000;

/**
 * Reads the last seen dead letters of one error with changes, and stores nothing.
 * @throws AppError UNPROCESSABLE for an invalid mapping or path
 */
export async function previewReplay(ctx: Context, input: GroupReplayPreview): Promise<ReplayPreview> {
  const { queue, changes, limit } = input;
  const edit = compileEdit(await resolveEdit(ctx, input), changes);
  const sql = ctx.db.read.$client;
  const condition = selectedLetters(sql, await resolveMatching(ctx, input));
  const [[all], letters, rules] = await Promise.all([
    sql<{ count: number }[]>`select count(*)::float8 as count from dead_letters where ${condition}`,
    sql<(ReadableLetter & { id: string; first_seen_at: string })[]>`
      select id, left(payload, ${MAX_PAYLOAD_BYTES}::int) as payload, format, mapping, first_seen_at,
        coalesce((select header from csv_headers where csv_headers.id = csv_header_id), csv_header) as csv_header
      from dead_letters
      where ${condition}
      order by last_seen_at desc, id desc
      limit ${limit}`,
    currentRules(ctx, queue),
  ]);
  const errors = new Map<number | null, ErrorValue>();
  const incoming: IncomingEvent[] = [];
  const fields = new Set<string>();
  for (const [line, letter] of letters.entries()) {
    // The fields of the unchanged event.
    readLetter(queue, letter, { ...edit, event: addFields });
    const parsed = readLetter(queue, letter, edit);
    if ("error" in parsed) errors.set(line, parsed.error);
    else {
      const receivedAt = toIsoMicroseconds(letter.first_seen_at);
      incoming.push({ event: parsed.event, raw: letter.payload, fallbackId: letter.id, receivedAt, line });
    }
  }
  function addFields(event: unknown): void {
    for (const path of memberPaths([event])) fields.add(path);
  }
  const batch = await prepareBatch(ctx, queue, incoming, {
    receivedAt: instantOf(ctx.now()),
    source: "replay",
    format: "json",
    rules,
  });
  for (const { line, error } of batch.dead) errors.set(line, error);
  const droppedBy = new Map(batch.dropped.map(({ line, rule }) => [line, rule]));
  const rows = new Map(batch.events.map(({ line }, index) => [line, batch.rows[index]]));
  return {
    total: all?.count ?? 0,
    fields: [...fields],
    items: letters.map(({ id, payload }, line) => {
      const row = rows.get(line);
      return {
        id,
        payload: payload.slice(0, MAX_TEXT).toWellFormed(),
        outcome: row ? "row" : droppedBy.has(line) ? "dropped" : "dead_letter",
        row: row ? rowValues(logTables[queue], row) : null,
        error: errors.get(line) ?? null,
        dropped_by: droppedBy.get(line) ?? null,
      };
    }),
  };
}
