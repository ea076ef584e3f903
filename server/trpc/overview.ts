import { z } from "zod";
import { fieldError, invalidInput } from "@/server/lib/errors";
import { ruleSettings } from "@/server/services/alerts";
import { checkHealth } from "@/server/services/health";
import { forecast, metricSeries, rangeOf, timings, trafficOverview } from "@/server/services/overview";
import { procedure, router } from "./init";

/** Milliseconds since 1970; `to` is exclusive. Null for all time. */
const range = z
  .strictObject({ from: z.number(), to: z.number() })
  .transform((asked) => {
    if (asked.from >= asked.to) throw invalidInput([fieldError("end", "input.range_order", {})]);
    return asked;
  })
  .nullable();

export const overviewRouter = router({
  series: procedure("read")
    .input(range)
    .query(async ({ ctx, input }) => metricSeries(ctx.app, await rangeOf(ctx.app, input))),

  timings: procedure("read")
    .input(range)
    .query(async ({ ctx, input }) => timings(ctx.app, await rangeOf(ctx.app, input))),

  traffic: procedure("read")
    .input(range)
    .query(async ({ ctx, input }) => trafficOverview(ctx.app, await rangeOf(ctx.app, input))),

  forecast: procedure("read").query(async ({ ctx }) => {
    const disk = (await ruleSettings(ctx.app)).find(({ rule }) => rule === "disk_usage");
    return forecast(ctx.app, disk?.threshold ?? ctx.app.config.alerts.diskUsage);
  }),

  health: procedure("read").query(({ ctx }) => checkHealth(ctx.app)),
});
