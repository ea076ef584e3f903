import { endpoint, none, route, unread } from "@/server/rest";
import { createDashboard, listDashboards } from "@/server/services/dashboards";
import { dashboardAnswer, dashboardInput, dashboardList } from "@/server/services/dashboards/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dashboards", {
  GET: endpoint({
    summary: "List the dashboards that the caller can view.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: dashboardList },
    handle: async ({ ctx, principal }) => ({ items: await listDashboards(ctx, principal) }),
  }),
  POST: endpoint({
    summary:
      "Create a dashboard, also from an exported file. Keys need the role admin; their dashboards have no owner.",
    permission: "read",
    audit: "dashboard.create",
    params: none,
    query: none,
    body: dashboardInput,
    answers: { 200: dashboardAnswer },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, body }) => createDashboard(ctx, principal, body),
  }),
});
