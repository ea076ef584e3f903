import { z } from "zod";
import { logTableByPath, logTables } from "@/server/catalog";
import { endpoint, logListQuery, route, unread } from "@/server/rest";
import { handleIntake } from "@/server/rest/intake";
import { listLogs } from "@/server/services/pagination";

/** The path of a log table's list, `access-logs`, as its name in the catalog. */
const params = z.object({
  table: z.string().transform((path, refine) => {
    const table = logTableByPath(path);
    if (table) return table.name;
    refine.addIssue({ code: "custom", message: "no log table" });
    return z.NEVER;
  }),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    permission: "read",
    params,
    query: ({ config }, { table }) => logListQuery(config, logTables[table]),
    body: unread,
    handle: ({ ctx, params: { table }, query }) => listLogs(ctx, table, query),
  }),
  POST: endpoint({
    permission: "ingest",
    params,
    query: z.strictObject({ mode: z.enum(["queued", "direct"]).optional() }),
    body: unread,
    handle: ({ ctx, request, principal, params: { table } }) => handleIntake(request, ctx, principal, table),
  }),
});
