import {
  changeOwner,
  createDashboard,
  deleteDashboard,
  getDashboard,
  listDashboards,
  saveDashboard,
  shareDashboard,
  sharesOf,
} from "@/server/services/dashboards";
import {
  dashboardInput,
  dashboardKey,
  dashboardSave,
  ownerChange,
  sharesChange,
} from "@/server/services/dashboards/contract";
import { procedure, router } from "./init";

export const dashboardsRouter = router({
  list: procedure("read").query(({ ctx }) => listDashboards(ctx.app, ctx.principal)),

  get: procedure("read")
    .input(dashboardKey)
    .query(({ ctx, input }) => getDashboard(ctx.app, ctx.principal, input.id)),

  create: procedure("read", "dashboard.create")
    .input(dashboardInput)
    .mutation(({ ctx, input }) => createDashboard(ctx.app, ctx.principal, input)),

  save: procedure("read", "dashboard.change")
    .input(dashboardSave)
    .mutation(({ ctx, input }) => saveDashboard(ctx.app, ctx.principal, input)),

  shares: procedure("read")
    .input(dashboardKey)
    .query(({ ctx, input }) => sharesOf(ctx.app, ctx.principal, input.id)),

  share: procedure("read", "dashboard.share")
    .input(sharesChange)
    .mutation(({ ctx, input }) => shareDashboard(ctx.app, ctx.principal, input)),

  changeOwner: procedure("read", "dashboard.change-owner")
    .input(ownerChange)
    .mutation(({ ctx, input }) => changeOwner(ctx.app, ctx.principal, input)),

  remove: procedure("read", "dashboard.delete")
    .input(dashboardKey)
    .mutation(({ ctx, input }) => deleteDashboard(ctx.app, ctx.principal, input.id)),
});
