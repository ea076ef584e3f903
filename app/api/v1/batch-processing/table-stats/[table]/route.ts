import { z } from "zod";
import { logTableList } from "@/server/catalog";
import { endpoint, none, route, unread } from "@/server/rest";
import { tableStats } from "@/server/services/pagination";

/** A log table by its name in the API or in PostgreSQL: `user_activities` or `user_activity_logs`. */
const params = z.object({
  table: z.string().transform((name, refine) => {
    const table = logTableList.find((candidate) => candidate.name === name || candidate.tableName === name);
    if (table) return table.name;
    refine.addIssue({ code: "custom", message: "no log table" });
    return z.NEVER;
  }),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    permission: "read",
    params,
    query: none,
    body: unread,
    handle: ({ ctx, params: { table } }) => tableStats(ctx, table),
  }),
});
