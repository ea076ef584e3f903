import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { AppError } from "@/server/errors";
import { checkHealth } from "@/server/services/health";
import {
  forecast,
  measuredSeries,
  ruleSettings,
  tableGrowth,
  timings,
  trafficOverview,
} from "@/server/services/monitoring";
import { tableStats } from "@/server/services/pagination";
import { instantOf } from "@/server/time";
import { procedure, router } from "./init";

const MOST_MS = 3 * 366 * 86_400_000;

/** Milliseconds since 1970; `to` is exclusive. */
const range = z
  .strictObject({ from: z.number().min(0).max(8e12), to: z.number().min(0).max(8e12) })
  .transform(({ from, to }) => {
    if (from >= to || to - from > MOST_MS) {
      throw new AppError("UNPROCESSABLE", "The range must end after it begins, and be three years at most.");
    }
    return { start: instantOf(new Date(from)), end: instantOf(new Date(to)) };
  });

export const monitoringRouter = router({
  series: procedure("read")
    .input(range)
    .query(({ ctx, input }) => measuredSeries(ctx.ctx, input)),

  timings: procedure("read")
    .input(range)
    .query(({ ctx, input }) => timings(ctx.ctx, input)),

  traffic: procedure("read")
    .input(range)
    .query(({ ctx, input }) => trafficOverview(ctx.ctx, input)),

  forecast: procedure("read").query(async ({ ctx }) => {
    const disk = (await ruleSettings(ctx.ctx)).find(({ rule }) => rule === "disk_usage");
    return forecast(ctx.ctx, disk?.threshold ?? ctx.ctx.config.alerts.diskUsage);
  }),

  health: procedure("read").query(({ ctx }) => checkHealth(ctx.ctx)),

  table: procedure("read")
    .input(z.strictObject({ name: z.enum(LOG_TABLE_NAMES) }))
    .query(async ({ ctx, input }) => {
      const [stats, growth] = await Promise.all([tableStats(ctx.ctx, input.name), tableGrowth(ctx.ctx, input.name)]);
      return { ...stats, growth };
    }),
});
