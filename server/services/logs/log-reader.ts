import { sharedRead } from "@/server/cache";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import { forUser } from "@/server/columnar";
import { AppError } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { type Mask, maskFor, maskRow, refuseMaskedFilters } from "@/server/services/privacy";
import type {
  LogFilters,
  LogKey,
  LogPage,
  LogQuery,
  LogRow,
  SessionContext,
  SessionContextQuery,
  SuggestedMember,
  TailBatch,
  ValuesQuery,
} from "./contract";
import { countLogs } from "./count";
import { findLogRow } from "./find-row";
import { logHistogram } from "./histogram";
import { readingOf } from "./limits";
import { listLogs } from "./list-logs";
import { readSessionContext } from "./session-context";
import { exampleFilter, suggestedField } from "./suggest/field-text";
import { suggestMembers } from "./suggest/suggest-members";
import { suggestValues } from "./suggest/suggest-values";
import { tailLogs } from "./tail-logs";

/** Cache duration of results in seconds (docs/decisions/0015). Users do not get cached results after their changes. */
const CACHE_SECONDS = { page: 2, count: 10, histogram: 10, values: 30 } as const;

/**
 * Reads logs on behalf of `principal`, from the cache or the database, with masked columns removed.
 * @param signal cancels statements when the caller no longer waits
 * @throws AppError FORBIDDEN, from each method, for a filter on a masked column
 */
export function logReader(ctx: Context, principal: Principal, signal?: AbortSignal) {
  const { timeZone } = ctx.config;
  const reading = (table: BrowsedTableName, shared?: AbortSignal): Context => ({
    ...readingOf(ctx, table),
    columnar: forUser(ctx.columnar, principalKey(principal), shared),
  });
  const shareOf = async <T extends object>(
    question: readonly unknown[],
    what: keyof typeof CACHE_SECONDS,
    load: (shared?: AbortSignal) => Promise<T>,
  ): Promise<T> =>
    await sharedRead(ctx, principal, question, CACHE_SECONDS[what], load, signal).catch((error: unknown) => {
      throw signal?.aborted ? new AppError("request.aborted", {}, { cause: error }) : error;
    });
  const answer = <
    Query extends LogFilters | undefined,
    Answer extends object,
    Table extends BrowsedTableName = BrowsedTableName,
  >(
    what: keyof typeof CACHE_SECONDS,
    read: (ctx: Context, table: Table, query: Query) => Promise<Answer>,
    hide: (answer: Answer, mask: Mask) => Answer = (whole) => whole,
  ) => {
    return async (table: Table, query: Query): Promise<Answer> => {
      const mask = await maskFor(ctx, principal);
      refuseMaskedFilters(query?.filters, mask);
      const question = [what, timeZone, table, query, mask.key];
      const load = async (shared?: AbortSignal) => hide(await read(reading(table, shared), table, query), mask);
      return await shareOf(question, what, load);
    };
  };
  return {
    page: answer<LogQuery, LogPage>("page", listLogs, (page, mask) => ({
      ...page,
      items: page.items.map((row) => maskRow(row, mask)),
    })),
    count: answer("count", countLogs),
    histogram: answer("histogram", logHistogram),
    values: async (table: BrowsedTableName, request: ValuesQuery) => {
      const mask = await maskFor(ctx, principal);
      const field = suggestedField(browsedTables[table], request.column);
      if (field) refuseMaskedFilters({ [FILTER_PARAMETER]: exampleFilter(field) }, mask);
      refuseMaskedFilters(request.filters, mask);
      const load = (shared?: AbortSignal) => suggestValues(reading(table, shared), table, request);
      return await shareOf(["values", timeZone, table, request], "values", load);
    },
    /** None for principals with a mask, because they cannot filter by members. */
    members: async (table: BrowsedTableName, query: LogFilters): Promise<{ members: SuggestedMember[] }> => {
      const mask = await maskFor(ctx, principal);
      if (mask.columns.size > 0) return { members: [] };
      const load = (shared?: AbortSignal) => suggestMembers(reading(table, shared), table, query);
      return await shareOf(["members", timeZone, table, query], "values", load);
    },
    row: async (table: BrowsedTableName, key: LogKey): Promise<LogRow | null> => {
      const row = await findLogRow(reading(table), table, key);
      return row && maskRow(row, await maskFor(ctx, principal));
    },
    context: async (table: BrowsedTableName, row: SessionContextQuery): Promise<SessionContext> => {
      const mask = await maskFor(ctx, principal);
      refuseMaskedFilters({ session_id: row.session_id }, mask);
      const { before, after } = await readSessionContext(reading(table), table, row);
      const hide = (rows: LogRow[]) => rows.map((found) => maskRow(found, mask));
      return { before: hide(before), after: hide(after) };
    },
    /** The mask is read for each batch, because a stream lasts minutes. */
    tail: async function* (
      table: BrowsedTableName,
      query: Parameters<typeof tailLogs>[2],
      signal: AbortSignal,
    ): AsyncGenerator<TailBatch> {
      refuseMaskedFilters(query.filters, await maskFor(ctx, principal));
      for await (const batch of tailLogs(reading(table), table, query, signal)) {
        const mask = await maskFor(ctx, principal);
        refuseMaskedFilters(query.filters, mask);
        yield { ...batch, rows: batch.rows.map((row) => maskRow(row, mask)) };
      }
    },
  };
}
