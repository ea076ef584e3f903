import { sharedRead } from "@/server/cache";
import type { BrowsedTableName } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskFor, maskRow, refuseMaskedFilters } from "@/server/services/privacy";
import type {
  LogFilters,
  LogKey,
  LogPage,
  LogQuery,
  LogRow,
  Neighbours,
  NeighboursQuery,
  TailBatch,
  ValuesQuery,
} from "./contract";
import { countLogs } from "./count";
import { findLogRow } from "./find-row";
import { logHistogram } from "./histogram";
import { readingOf } from "./limits";
import { listLogs } from "./list-logs";
import { sessionNeighbours } from "./neighbours";
import { suggestValues } from "./suggest-values";
import { tailLogs } from "./tail-logs";

/**
 * Seconds that an answer is kept; the reasons stand in docs/decisions/0015. The one who changed something just
 * now is never given a kept one.
 */
const KEPT = { page: 2, count: 10, histogram: 10, values: 30 } as const;

/**
 * The log browser's questions, as `principal` asks them: each answered from what is kept for seconds, or afresh,
 * without what is masked for them.
 * @throws AppError FORBIDDEN, from each, for a filter by what is masked for them
 */
export function logReader(ctx: Context, principal: Principal) {
  const { timeZone } = ctx.config;
  const answer = <
    Query extends LogFilters | undefined,
    Answer extends object,
    Table extends BrowsedTableName = BrowsedTableName,
  >(
    what: keyof typeof KEPT,
    ask: (ctx: Context, table: Table, query: Query) => Promise<Answer>,
    hide: (answer: Answer, mask: Mask) => Answer = (whole) => whole,
  ) => {
    return async (table: Table, query: Query): Promise<Answer> => {
      const mask = await maskFor(ctx, principal);
      refuseMaskedFilters(query?.filters, mask);
      const question = [what, timeZone, table, query, mask.key];
      return await sharedRead(ctx, principal, question, KEPT[what], async () =>
        hide(await ask(readingOf(ctx, table), table, query), mask),
      );
    };
  };
  return {
    page: answer<LogQuery, LogPage>("page", listLogs, (page, mask) => ({
      ...page,
      items: page.items.map((row) => maskRow(row, mask)),
    })),
    count: answer("count", countLogs),
    histogram: answer("histogram", logHistogram),
    values: async (table: BrowsedTableName, asked: ValuesQuery) => {
      const filters = { [asked.column]: "" };
      refuseMaskedFilters(filters, await maskFor(ctx, principal));
      return await sharedRead(ctx, principal, ["values", table, asked], KEPT.values, () =>
        suggestValues(readingOf(ctx, table), table, asked),
      );
    },
    row: async (table: BrowsedTableName, key: LogKey): Promise<LogRow | null> => {
      const row = await findLogRow(readingOf(ctx, table), table, key);
      return row && maskRow(row, await maskFor(ctx, principal));
    },
    neighbours: async (table: BrowsedTableName, row: NeighboursQuery): Promise<Neighbours> => {
      const mask = await maskFor(ctx, principal);
      refuseMaskedFilters({ session_id: row.session_id }, mask);
      const { before, after } = await sessionNeighbours(readingOf(ctx, table), table, row);
      const hide = (rows: LogRow[]) => rows.map((found) => maskRow(found, mask));
      return { before: hide(before), after: hide(after) };
    },
    /** What is masked is looked up for each batch: a stream lasts minutes. */
    tail: async function* (
      table: BrowsedTableName,
      query: Parameters<typeof tailLogs>[2],
      signal: AbortSignal,
    ): AsyncGenerator<TailBatch> {
      refuseMaskedFilters(query.filters, await maskFor(ctx, principal));
      for await (const batch of tailLogs(readingOf(ctx, table), table, query, signal)) {
        const mask = await maskFor(ctx, principal);
        refuseMaskedFilters(query.filters, mask);
        yield { ...batch, rows: batch.rows.map((row) => maskRow(row, mask)) };
      }
    },
  };
}
