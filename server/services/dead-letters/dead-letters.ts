import { and, count, desc, eq, max, type SQL, sql } from "drizzle-orm";
import { LOCALES } from "@/messages/locales";
import type { LogTableName } from "@/server/catalog";
import { type CodedError, parseStoredError } from "@/server/catalog/errors";
import type { SqlExecutor } from "@/server/db/client";
import { deadLetters } from "@/server/db/schema";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { renderError } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { deleteUnusedHeaders } from "@/server/services/intake";
import { cursorPaginate, type PagedSource } from "@/server/services/logs";
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterGroup,
  DeadLetterPage,
  DeadLetterSelection,
  DeadLettersQuery,
  DiscardResult,
} from "./contract";

/** Sufficient for all errors: error texts contain no values, so there are few distinct ones. */
const MAX_GROUPS = 200;

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
  { limit, cursor, queue, error }: DeadLettersQuery,
): Promise<DeadLetterPage> {
  const errors = await errorsOf(ctx, queue, error);
  const condition = matching({ queue, errors });
  const page = await cursorPaginate<DeadLetter>(ctx, lettersUpTo(Math.ceil(PAGE_CHARACTERS / limit)), {
    conditions: condition ? [condition] : [],
    scope: [queue ?? null, errors ?? null],
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

/** Counts dead letters by error, most frequent first. */
export async function deadLetterGroups(ctx: Context, { queue, error }: DeadLetterFilter): Promise<DeadLetterGroup[]> {
  return await groupsOf(ctx, { queue, errors: await errorsOf(ctx, queue, error) });
}

async function groupsOf(ctx: Context, filter: Matching): Promise<DeadLetterGroup[]> {
  const groups = await ctx.db.read
    .select({
      queue: deadLetters.queue,
      error: deadLetters.error,
      count: count(),
      last_seen_at: max(deadLetters.lastSeenAt),
    })
    .from(deadLetters)
    .where(matching(filter))
    .groupBy(deadLetters.queue, deadLetters.error)
    .orderBy(desc(count()), deadLetters.queue, deadLetters.error)
    .limit(MAX_GROUPS);
  return groups.map((group) => ({
    ...group,
    error: parseStoredError(group.error),
    last_seen_at: group.last_seen_at ?? "",
  }));
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

/** A selection with errors in their stored form. */
export type ResolvedSelection = { readonly ids: readonly string[] } | (Matching & { readonly queue: LogTableName });

export async function resolveSelection(ctx: Context, selection: DeadLetterSelection): Promise<ResolvedSelection> {
  if ("ids" in selection) return selection;
  return { queue: selection.queue, errors: await errorsOf(ctx, selection.queue, selection.error) };
}

/** The condition that matches the selected letters. */
export function selectedLetters(sql: SqlExecutor, selection: ResolvedSelection) {
  if ("ids" in selection) return sql`id = any(${[...selection.ids]}::uuid[])`;
  const { queue, errors } = selection;
  return sql`queue = ${queue} ${errors === undefined ? sql`` : sql`and error = any(${texts(errors)}::text[]::jsonb[]::text[])`}`;
}

const MAX_SHOWN_IDS = 100;

/** The selection as recorded in the audit log: only the first of up to ten thousand ids. */
export function shownSelection(selection: DeadLetterSelection): Record<string, unknown> {
  if (!("ids" in selection)) return { ...selection };
  return { ids: selection.ids.slice(0, MAX_SHOWN_IDS), selected: selection.ids.length };
}

/**
 * Returns the stored errors that match the caller's: a stored error, or all errors with this message in any language.
 */
async function errorsOf(
  ctx: Context,
  queue: LogTableName | undefined,
  error: string | CodedError | undefined,
): Promise<readonly CodedError[] | undefined> {
  if (typeof error !== "string") return error && [error];
  if (error.includes("\0")) throw new AppError("request.nul_character", {});
  const groups = await groupsOf(ctx, { queue });
  return groups
    .map((group) => group.error)
    .filter((known) => LOCALES.some((locale) => renderError(known, locale) === error));
}

interface Matching {
  readonly queue?: LogTableName;
  readonly errors?: readonly CodedError[];
}

function matching({ queue, errors }: Matching): SQL | undefined {
  const isOne = errors && sql`${deadLetters.error} = any(${sql.param(texts(errors))}::text[]::jsonb[]::text[])`;
  return and(queue && eq(deadLetters.queue, queue), isOne);
}

function texts(errors: readonly CodedError[]): string[] {
  return errors.map(({ code, params }) => JSON.stringify({ code, params }));
}
