import { browsedTables } from "@/server/catalog";
import { endpoint, logListQuery, none, route, unread } from "@/server/rest";
import { logPageAnswer } from "@/server/rest/answers";
import { logReader } from "@/server/services/logs";

const table = browsedTables.audit_log;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/audit", {
  GET: endpoint({
    summary: "List who did what, when, from where and with what result, narrowed by time and filters.",
    permission: "audit",
    params: none,
    query: ({ config }) => logListQuery(config, table),
    body: unread,
    answers: { 200: logPageAnswer(table) },
    errors: ["BAD_REQUEST"],
    handle: ({ ctx, principal, query }) => logReader(ctx, principal).page("audit_log", query),
  }),
});
