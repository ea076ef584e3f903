import { z } from "zod";
import { fieldError, invalidInput } from "@/server/lib/errors";
import { instantOf } from "@/server/lib/time";
import { ruleSettings } from "@/server/services/alerts";
import { checkHealth } from "@/server/services/health";
import { forecast, metricSeries, timings, trafficOverview } from "@/server/services/overview";
import { procedure, router } from "./init";

const MAX_MS = 3 * 366 * 86_400_000;

/** Milliseconds since 1970; `to` is exclusive. */
const range = z
  .strictObject({ from: z.number().min(0).max(8e12), to: z.number().min(0).max(8e12) })
  .transform(({ from, to }) => {
    if (from >= to || to - from > MAX_MS) {
      throw invalidInput([fieldError("end", "input.range_order", {})]);
    }
    return { start: instantOf(new Date(from)), end: instantOf(new Date(to)) };
  });

export const overviewRouter = router({
  series: procedure("read")
    .input(range)
    .query(({ ctx, input }) => metricSeries(ctx.app, input)),

  timings: procedure("read")
    .input(range)
    .query(({ ctx, input }) => timings(ctx.app, input)),

  traffic: procedure("read")
    .input(range)
    .query(({ ctx, input }) => trafficOverview(ctx.app, input)),

  forecast: procedure("read").query(async ({ ctx }) => {
    const disk = (await ruleSettings(ctx.app)).find(({ rule }) => rule === "disk_usage");
    return forecast(ctx.app, disk?.threshold ?? ctx.app.config.alerts.diskUsage);
  }),

  health: procedure("read").query(({ ctx }) => checkHealth(ctx.app)),
});
