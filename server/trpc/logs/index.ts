import { tracked } from "@trpc/server";
import { logReader } from "@/server/services/logs";
import {
  contextQuery,
  countQuery,
  histogramQuery,
  logKey,
  logQuery,
  membersQuery,
  tailQuery,
  valuesQuery,
} from "@/server/services/logs/contract";
import { router } from "../init";
import { browse } from "./browse";
import { viewsRouter } from "./views";

export const logsRouter = router({
  page: browse
    .input(logQuery)
    .query(({ ctx, input: { table, ...query } }) => logReader(ctx.app, ctx.principal, ctx.signal).page(table, query)),

  count: browse
    .input(countQuery)
    .query(({ ctx, input: { table, ...query } }) => logReader(ctx.app, ctx.principal, ctx.signal).count(table, query)),

  histogram: browse
    .input(histogramQuery)
    .query(({ ctx, input: { table, ...query } }) =>
      logReader(ctx.app, ctx.principal, ctx.signal).histogram(table, query),
    ),

  row: browse
    .input(logKey)
    .query(({ ctx, input: { table, ...key } }) => logReader(ctx.app, ctx.principal).row(table, key)),

  context: browse
    .input(contextQuery)
    .query(({ ctx, input: { table, ...row } }) => logReader(ctx.app, ctx.principal).context(table, row)),

  values: browse
    .input(valuesQuery)
    .query(({ ctx, input: { table, ...query } }) => logReader(ctx.app, ctx.principal, ctx.signal).values(table, query)),

  members: browse
    .input(membersQuery)
    .query(({ ctx, input: { table, ...query } }) =>
      logReader(ctx.app, ctx.principal, ctx.signal).members(table, query),
    ),

  /** Streams new rows in batches about once a second. A reader that reconnects continues after its last batch. */
  tail: browse.input(tailQuery).subscription(async function* ({ ctx, input }) {
    const query = { filters: input.filters, horizon: input.lastEventId ?? undefined };
    const batches = logReader(ctx.app, ctx.principal).tail(
      input.table,
      query,
      ctx.signal ?? new AbortController().signal,
    );
    for await (const { rows, skipped, horizon } of batches) yield tracked(horizon, { rows, skipped });
  }),

  views: viewsRouter,
});
