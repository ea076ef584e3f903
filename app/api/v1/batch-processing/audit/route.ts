import { browsedTables } from "@/server/catalog";
import { endpoint, none, route, unread } from "@/server/rest";
import { logReader } from "@/server/services/logs";
import { logListQuery, logPageOf } from "@/server/services/logs/contract";

const table = browsedTables.audit_log;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/audit", {
  GET: endpoint({
    summary: "List audit log entries, filtered by time and columns.",
    permission: "audit",
    params: none,
    query: logListQuery(table),
    body: unread,
    answers: { 200: logPageOf(table) },
    errors: ["BAD_REQUEST"],
    handle: ({ ctx, principal, query, request }) => logReader(ctx, principal, request.signal).page("audit_log", query),
  }),
});
