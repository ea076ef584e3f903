import { sharedRead } from "@/server/cache";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import { forUser } from "@/server/columnar";
import { AppError } from "@/server/lib/errors";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { type Mask, maskFor, maskText, refuseMaskedFilters } from "@/server/services/privacy";
import { findChanges } from "./changes";
import type { ChangesAnswer, ChangesQuery, ExploreAnswer, ExploreQuery } from "./contract";
import { fieldsOf, runQuery } from "./query";
import type { Selection } from "./rows";

/** How long an answer is reused, in seconds. It shows its time. Users do not get cached answers after their changes. */
const CACHE_SECONDS = 20;

/**
 * Answers queries on behalf of `principal`.
 * @param signal ends a query when the caller no longer waits
 * @throws AppError privacy.masked_filter for fields whose values the principal must not see
 */
export function explorer(ctx: Context, principal: Principal, signal?: AbortSignal) {
  return {
    query: async (query: ExploreQuery): Promise<ExploreAnswer> => {
      const { groups, measures } = fieldsOf(query);
      const mask = await maskFor(ctx, principal);
      refuseMaskedSelection(query, mask);
      for (const { example } of [...groups, ...measures]) {
        if (example !== undefined) refuseMaskedFilters({ [FILTER_PARAMETER]: example }, mask);
      }
      let isLoaded = false;
      const question = ["explore", ctx.config.timeZone, query, mask.key];
      const load = async (shared?: AbortSignal) => {
        isLoaded = true;
        return maskGroups(await runQuery(exploringOf(ctx, principal, shared), query), mask);
      };
      const answer = await answerOf(() => sharedRead(ctx, principal, question, CACHE_SECONDS, load, signal), signal);
      return { ...answer, is_cached: !isLoaded };
    },
    /** Personal fields that the principal must not see are not compared. */
    changes: async (query: ChangesQuery): Promise<ChangesAnswer> => {
      const mask = await maskFor(ctx, principal);
      refuseMaskedSelection(query, mask);
      const question = ["changes", ctx.config.timeZone, mask.key, query];
      const load = async (shared?: AbortSignal) => await findChanges(exploringOf(ctx, principal, shared), query, mask);
      return await answerOf(() => sharedRead(ctx, principal, question, CACHE_SECONDS, load, signal), signal);
    },
  };
}

/** Masks addresses in the texts of groups, such as those in a path. */
function maskGroups(answer: ExploreAnswer, mask: Mask): ExploreAnswer {
  if (mask.columns.size === 0) return answer;
  const rows = answer.rows.map((row) =>
    row.map((value, index) => {
      const isText = typeof value === "string" && answer.columns[index]?.role === "group";
      return isText ? maskText(value, mask) : value;
    }),
  );
  return { ...answer, rows };
}

/** Returns `ctx` with statements of the columnar engine on behalf of `principal`. */
function exploringOf(ctx: Context, principal: Principal, signal?: AbortSignal): Context {
  return { ...ctx, columnar: forUser(ctx.columnar, principalKey(principal), signal) };
}

/** Rejects filters on masked columns. @throws AppError privacy.masked_filter */
function refuseMaskedSelection({ filter, filters }: Pick<Selection, "filter" | "filters">, mask: Mask): void {
  refuseMaskedFilters({ ...filters, ...(filter === undefined ? {} : { [FILTER_PARAMETER]: filter }) }, mask);
}

async function answerOf<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return await work().catch((error: unknown) => {
    throw signal?.aborted ? new AppError("request.aborted", {}, { cause: error }) : error;
  });
}
