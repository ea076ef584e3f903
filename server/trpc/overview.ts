import { ruleSettings } from "@/server/services/alerts";
import { checkHealth } from "@/server/services/health";
import { forecast, metricSeries, rangeOf, timings, trafficOverview } from "@/server/services/overview";
import { overviewRange } from "@/server/services/overview/contract";
import { procedure, router } from "./init";

export const overviewRouter = router({
  series: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => metricSeries(ctx.app, await rangeOf(ctx.app, input))),

  timings: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => timings(ctx.app, await rangeOf(ctx.app, input))),

  traffic: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => trafficOverview(ctx.app, await rangeOf(ctx.app, input))),

  forecast: procedure("read").query(async ({ ctx }) => {
    const disk = (await ruleSettings(ctx.app)).find(({ rule }) => rule === "disk_usage");
    return forecast(ctx.app, disk?.threshold ?? ctx.app.config.alerts.diskUsage);
  }),

  health: procedure("read").query(({ ctx }) => checkHealth(ctx.app)),
});
