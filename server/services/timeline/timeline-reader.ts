import { sharedRead } from "@/server/cache";
import { forUser } from "@/server/columnar";
import { AppError } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { type Mask, maskFor, maskRow, refuseMaskedFilters } from "@/server/services/privacy";
import type { TimelinePage, TimelineQuery, TimelineSelection, TimelineSummary } from "./contract";
import { logFiltersOf, readTimeline, summarizeTimeline } from "./read-timeline";

/** Seconds. Users do not get cached results after their changes. */
const CACHE_SECONDS = { page: 2, summary: 10 } as const;

/**
 * Reads timelines on behalf of `principal`, with masked columns removed.
 * @throws AppError FORBIDDEN, from each method, for a timeline of a masked column
 */
export function timelineReader(ctx: Context, principal: Principal, signal?: AbortSignal) {
  const answer = <Query extends TimelineSelection, Answer extends object>(
    what: keyof typeof CACHE_SECONDS,
    read: (ctx: Context, query: Query) => Promise<Answer>,
    hide: (answer: Answer, mask: Mask) => Answer = (whole) => whole,
  ) => {
    return async (query: Query): Promise<Answer> => {
      const mask = await maskFor(ctx, principal);
      refuseMaskedFilters(logFiltersOf(query).filters, mask);
      const question = ["timeline", what, ctx.config.timeZone, query, mask.key];
      const load = async (shared?: AbortSignal) => {
        const columnar = forUser(ctx.columnar, principalKey(principal), shared);
        return hide(await read({ ...ctx, columnar }, query), mask);
      };
      return await sharedRead(ctx, principal, question, CACHE_SECONDS[what], load, signal).catch((error: unknown) => {
        throw signal?.aborted ? new AppError("request.aborted", {}, { cause: error }) : error;
      });
    };
  };
  return {
    page: answer<TimelineQuery, TimelinePage>("page", readTimeline, (page, mask) => ({
      ...page,
      items: page.items.map((row) => maskRow(row, mask)),
    })),
    summary: answer<TimelineSelection, TimelineSummary>("summary", summarizeTimeline),
  };
}
