import { sql } from "drizzle-orm";
import { parseStoredError } from "@/server/catalog/errors";
import { deadLetters } from "@/server/db/schema";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { deleteUnusedHeaders } from "@/server/services/intake";
import { cursorPaginate, type PagedSource } from "@/server/services/logs";
import type { DeadLetter, DeadLetterPage, DeadLetterSelection, DeadLettersQuery, DiscardResult } from "./contract";
import { matching, resolveMatching, resolveSelection, selectedLetters, shownSelection } from "./selection";

/**
 * Maximum characters of payload on one page, shared by its letters: a page of a thousand events of 8 MB would be 8 GB.
 */
const PAGE_CHARACTERS = 4_000_000;

/** Reads dead letters with at most this many characters of each text. */
const lettersUpTo = (characters: number): PagedSource => ({
  name: "dead_letters",
  from: sql`(
    select
      id, queue, format, mapping, error, source, line, attempts, first_seen_at, last_seen_at,
      left(payload, ${sql.raw(String(characters))}) as payload,
      left(
        coalesce((select header from csv_headers where csv_headers.id = csv_header_id), csv_header),
        ${sql.raw(String(characters))}
      ) as csv_header,
      length(payload) > ${sql.raw(String(characters))} as payload_truncated
    from ${deadLetters}
  ) as ${deadLetters}`,
  columns: [
    { name: "id", type: "uuid" },
    { name: "queue", type: "text" },
    { name: "payload", type: "text" },
    { name: "payload_truncated", type: "boolean" },
    { name: "format", type: "text" },
    { name: "csv_header", type: "text" },
    { name: "mapping", type: "text" },
    { name: "error", type: "text" },
    { name: "source", type: "text" },
    { name: "line", type: "bigint" },
    { name: "attempts", type: "integer" },
    { name: "first_seen_at", type: "timestamptz" },
    { name: "last_seen_at", type: "timestamptz" },
  ],
  sortKeys: ["last_seen_at", "id"],
});

/**
 * Lists dead letters, last seen first, each with its share of the page's characters.
 * @throws AppError BAD_REQUEST for a cursor of another list
 */
export async function listDeadLetters(
  ctx: Context,
  { limit, cursor, ...filter }: DeadLettersQuery,
): Promise<DeadLetterPage> {
  const selected = await resolveMatching(ctx, filter);
  const { queue, errors, search } = selected;
  const condition = matching(selected);
  const page = await cursorPaginate<DeadLetter>(ctx, lettersUpTo(Math.ceil(PAGE_CHARACTERS / limit)), {
    conditions: condition ? [condition] : [],
    scope: [queue ?? null, errors ?? null, ...(search === undefined ? [] : [search])],
    descending: true,
    pageSize: limit,
    cursor,
  });
  const items = page.items.map((letter) => ({ ...letter, error: parseStoredError(letter.error) }));
  return { items, next_cursor: page.next_cursor, prev_cursor: page.prev_cursor };
}

/** Returns one dead letter in full. @throws AppError NOT_FOUND */
export async function readDeadLetter(ctx: Context, id: string): Promise<DeadLetter> {
  const [letter] = await ctx.db.read.$client<DeadLetter[]>`
    select
      id, queue, payload, false as payload_truncated, format, mapping, error, source, line::float8, attempts, first_seen_at,
      last_seen_at, coalesce((select header from csv_headers where csv_headers.id = csv_header_id), csv_header) as csv_header
    from dead_letters
    where id = ${id}`;
  if (!letter) throw new AppError("dead_letter.not_found", {});
  return {
    ...letter,
    error: parseStoredError(letter.error),
    first_seen_at: toIsoMicroseconds(letter.first_seen_at),
    last_seen_at: toIsoMicroseconds(letter.last_seen_at),
  };
}

/** Deletes dead letters permanently. They remain counted as dead. @returns the number of deleted ones */
export async function discardDeadLetters(
  ctx: Context,
  selection: DeadLetterSelection,
  by: Principal,
): Promise<DiscardResult> {
  const selected = await resolveSelection(ctx, selection);
  const result = await ctx.db.sql.begin(async (tx) => {
    const deleted = await tx`delete from dead_letters where ${selectedLetters(tx, selected)}`;
    const discarded = deleted.count;
    if (discarded > 0) {
      await recordAudit(ctx, by, "dead-letter.discard", { ...shownSelection(selection), discarded }, tx);
    }
    return { discarded };
  });
  await deleteUnusedHeaders(ctx.db.sql);
  return result;
}
