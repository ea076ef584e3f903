import { ruleSettings } from "@/server/services/alerts";
import { checkHealth } from "@/server/services/health";
import {
  filteredActivities,
  filteredTraffic,
  forecast,
  queueSeries,
  rangeOf,
  serviceSeries,
  storageSeries,
  timings,
  trafficOverview,
} from "@/server/services/overview";
import { filteredRange, overviewRange } from "@/server/services/overview/contract";
import { procedure, router } from "./init";

export const overviewRouter = router({
  queues: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => queueSeries(ctx.app, await rangeOf(ctx.app, input))),

  service: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => serviceSeries(ctx.app, await rangeOf(ctx.app, input))),

  storage: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => storageSeries(ctx.app, await rangeOf(ctx.app, input))),

  timings: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => timings(ctx.app, await rangeOf(ctx.app, input))),

  traffic: procedure("read")
    .input(overviewRange)
    .query(async ({ ctx, input }) => trafficOverview(ctx.app, await rangeOf(ctx.app, input), input !== null)),

  /** The traffic that matches filters, computed from rows. */
  filteredTraffic: procedure("read")
    .input(filteredRange)
    .query(async ({ ctx, input: { range, filters } }) =>
      filteredTraffic(ctx.app, ctx.principal, await rangeOf(ctx.app, range), filters, ctx.signal),
    ),

  /** The activities that match filters, computed from rows. */
  filteredActivities: procedure("read")
    .input(filteredRange)
    .query(async ({ ctx, input: { range, filters } }) =>
      filteredActivities(ctx.app, ctx.principal, await rangeOf(ctx.app, range), filters, ctx.signal),
    ),

  forecast: procedure("read").query(async ({ ctx }) => {
    const disk = (await ruleSettings(ctx.app)).find(({ rule }) => rule === "disk_usage");
    return forecast(ctx.app, disk?.threshold ?? ctx.app.config.alerts.diskUsage);
  }),

  health: procedure("read").query(({ ctx }) => checkHealth(ctx.app)),
});
