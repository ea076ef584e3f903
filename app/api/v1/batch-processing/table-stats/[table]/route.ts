import { endpoint, logTableParam, none, route, unread } from "@/server/rest";
import { cachedTableStats } from "@/server/services/tables";
import { tableStats } from "@/server/services/tables/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/table-stats/{table}", {
  GET: endpoint({
    summary: "Get statistics of a log table: rows, sizes, partitions, index usage, vacuum state.",
    permission: "read",
    // The name in the API or in PostgreSQL: `user_activities` or `user_activity_logs`.
    params: logTableParam(({ name, tableName }) => [name, tableName]),
    query: none,
    body: unread,
    answers: { 200: tableStats },
    handle: ({ ctx, principal, params: { table } }) => cachedTableStats(ctx, principal, table),
  }),
});
