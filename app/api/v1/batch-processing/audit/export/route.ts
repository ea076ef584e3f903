import { z } from "zod";
import { browsedTables } from "@/server/catalog";
import { endpoint, none, route, unread } from "@/server/rest";
import { auditCsv } from "@/server/services/exports";
import { csvQuery } from "@/server/services/logs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/audit/export", {
  GET: endpoint({
    summary: "Export the audit log as CSV, filtered by time and columns.",
    permission: "audit",
    audit: "audit.export",
    params: none,
    query: csvQuery(browsedTables.audit_log),
    body: unread,
    answers: { 200: z.file().describe("A CSV file") },
    handle: async ({ ctx, principal, query }) => {
      const name = `audit-${ctx.now().toISOString().slice(0, 19).replaceAll(":", "")}Z.csv`;
      return new Response(await auditCsv(ctx, principal, query), {
        headers: {
          "Content-Type": "text/csv; charset=utf-8",
          "Content-Disposition": `attachment; filename="${name}"`,
          "Cache-Control": "no-store",
        },
      });
    },
  }),
});
