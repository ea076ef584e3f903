import { kept } from "@/server/cache";
import type { BrowsedTableName, LogTableName } from "@/server/catalog";
import type { Context, Principal } from "@/server/context";
import { countLogs } from "./count";
import { logHistogram } from "./histogram";
import { type LogQuery, listLogs } from "./list-logs";
import { suggestValues } from "./suggest-values";
import { tableStats } from "./table-stats";

/**
 * Seconds that an answer is kept; the reasons stand in docs/decisions/0020. The one who changed something just
 * now is never given a kept one.
 */
const KEPT = { page: 2, count: 10, histogram: 10, stats: 5, values: 30 } as const;

/** The log browser's questions, as `principal` asks them: each answered from what is kept for seconds, or afresh. */
export function logReader(ctx: Context, principal: Principal) {
  const { timeZone } = ctx.config;
  const answer = <Query, Answer extends object, Table extends BrowsedTableName = BrowsedTableName>(
    what: keyof typeof KEPT,
    ask: (ctx: Context, table: Table, query: Query) => Promise<Answer>,
  ) => {
    return (table: Table, query: Query) =>
      kept(ctx, principal, [what, timeZone, table, query], KEPT[what], () => ask(ctx, table, query));
  };
  return {
    page: answer<LogQuery, Awaited<ReturnType<typeof listLogs>>>("page", listLogs),
    count: answer("count", countLogs),
    histogram: answer("histogram", logHistogram),
    values: answer("values", suggestValues),
    stats: (table: LogTableName) => answer("stats", tableStats)(table, undefined),
  };
}
