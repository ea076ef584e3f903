import { tracked } from "@trpc/server";
import { z } from "zod";
import { logReader } from "@/server/services/logs";
import { router } from "../init";
import { browse, browsedTable as table } from "./browse";
import { viewsRouter } from "./views";

const rowKey = z.strictObject({ table, created_at: z.iso.datetime({ offset: true }), id: z.uuid() });
const filters = z.record(z.string(), z.string()).optional();
const narrowed = z.strictObject({
  table,
  filters,
  start_date: z.string().optional(),
  end_date: z.string().optional(),
});

export const logsRouter = router({
  page: browse
    .input(
      narrowed.extend({
        page: z.number().optional(),
        page_size: z.number().optional(),
        cursor: z.string().optional(),
        at: z.string().optional(),
        sort: z.enum(["created_at", "-created_at"]).optional(),
        count: z.enum(["estimate", "exact", "none"]).optional(),
      }),
    )
    .query(({ ctx, input: { table, ...query } }) => logReader(ctx.app, ctx.principal).page(table, query)),

  count: browse
    .input(narrowed.extend({ mode: z.enum(["estimate", "exact"]) }))
    .query(({ ctx, input: { table, ...query } }) => logReader(ctx.app, ctx.principal).count(table, query)),

  histogram: browse
    .input(narrowed.extend({ buckets: z.int().min(1).max(200).default(60) }))
    .query(({ ctx, input: { table, ...query } }) => logReader(ctx.app, ctx.principal).histogram(table, query)),

  row: browse
    .input(rowKey)
    .query(({ ctx, input: { table, ...key } }) => logReader(ctx.app, ctx.principal).row(table, key)),

  neighbours: browse
    .input(rowKey.extend({ session_id: z.string().max(1_000), limit: z.int().min(1).max(20).default(5) }))
    .query(({ ctx, input: { table, ...row } }) => logReader(ctx.app, ctx.principal).neighbours(table, row)),

  values: browse
    .input(z.strictObject({ table, column: z.string(), search: z.string().max(200).optional() }))
    .query(({ ctx, input: { table, ...asked } }) => logReader(ctx.app, ctx.principal).values(table, asked)),

  /** New rows as they are stored, in batches about once a second; a reader that comes back goes on where it was. */
  tail: browse
    .input(
      z.strictObject({
        table,
        filters,
        lastEventId: z
          .string()
          .regex(/^\d{1,19}$/)
          .nullish(),
      }),
    )
    .subscription(async function* ({ ctx, input }) {
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
