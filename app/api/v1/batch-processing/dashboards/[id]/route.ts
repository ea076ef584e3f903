import { endpoint, noBody, none, route, unread } from "@/server/rest";
import { deleteDashboard, getDashboard, saveDashboard } from "@/server/services/dashboards";
import {
  dashboardAnswer,
  dashboardChange,
  dashboardDeleted,
  dashboardKey,
} from "@/server/services/dashboards/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dashboards/{id}", {
  GET: endpoint({
    summary: "Get a dashboard with its panels.",
    permission: "read",
    params: dashboardKey,
    query: none,
    body: unread,
    answers: { 200: dashboardAnswer },
    handle: ({ ctx, principal, params: { id } }) => getDashboard(ctx, principal, id),
  }),
  PUT: endpoint({
    summary: "Replace a dashboard. Answers 409 if it was changed since its `version` was read.",
    permission: "read",
    audit: "dashboard.change",
    params: dashboardKey,
    query: none,
    body: dashboardChange,
    answers: { 200: dashboardAnswer },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params: { id }, body }) => saveDashboard(ctx, principal, { ...body, id }),
  }),
  DELETE: endpoint({
    summary: "Delete a dashboard.",
    permission: "read",
    audit: "dashboard.delete",
    params: dashboardKey,
    query: none,
    body: noBody,
    answers: { 200: dashboardDeleted },
    handle: async ({ ctx, principal, params: { id } }) => {
      await deleteDashboard(ctx, principal, id);
      return { id, deleted: true as const };
    },
  }),
});
