import { and, eq, type SQL, sql } from "drizzle-orm";
import { LOCALES } from "@/messages/locales";
import type { LogTableName } from "@/server/catalog";
import { type CodedError, parseStoredError } from "@/server/catalog/errors";
import type { SqlExecutor } from "@/server/db/client";
import { deadLetters } from "@/server/db/schema";
import { renderError } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { DeadLetterFilter, DeadLetterSelection } from "./contract";

/** A filter with errors in their stored form. */
export interface Matching {
  readonly queue?: LogTableName;
  readonly errors?: readonly CodedError[];
  /** Part of the payload or the source. */
  readonly search?: string;
}

/** A selection with errors in their stored form. */
export type ResolvedSelection = { readonly ids: readonly string[] } | Matching;

export async function resolveMatching(ctx: Context, { queue, error, search }: DeadLetterFilter): Promise<Matching> {
  return { queue, errors: await errorsOf(ctx, queue, error), search };
}

export async function resolveSelection(ctx: Context, selection: DeadLetterSelection): Promise<ResolvedSelection> {
  return "ids" in selection ? selection : await resolveMatching(ctx, selection);
}

/** The condition that matches the selected letters. */
export function selectedLetters(sql: SqlExecutor, selection: ResolvedSelection) {
  if ("ids" in selection) return sql`id = any(${[...selection.ids]}::uuid[])`;
  const { queue, errors, search } = selection;
  return sql`
    ${queue === undefined ? sql`true` : sql`queue = ${queue}`}
    ${errors === undefined ? sql`` : sql`and error = any(${texts(errors)}::text[]::jsonb[]::text[])`}
    ${search === undefined ? sql`` : sql`and strpos(lower(payload || ' ' || coalesce(source, '')), lower(${search})) > 0`}`;
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
  const sql = ctx.db.read.$client;
  const stored = await sql<{ error: string }[]>`
    select distinct error from dead_letters where ${selectedLetters(sql, { queue })}`;
  return stored
    .map((letter) => parseStoredError(letter.error))
    .filter((known) => LOCALES.some((locale) => renderError(known, locale) === error));
}

/** Like selectedLetters, for a list. */
export function matching({ queue, errors, search }: Matching): SQL | undefined {
  const isOne = errors && sql`${deadLetters.error} = any(${sql.param(texts(errors))}::text[]::jsonb[]::text[])`;
  const contains =
    search === undefined ? undefined : sql`strpos(lower(payload || ' ' || coalesce(source, '')), lower(${search})) > 0`;
  return and(queue && eq(deadLetters.queue, queue), isOne, contains);
}

function texts(errors: readonly CodedError[]): string[] {
  return errors.map(({ code, params }) => JSON.stringify({ code, params }));
}
