import { z } from "zod";
import { endpoint, none, route, unread } from "@/server/rest";
import { exportTimeline } from "@/server/services/timeline";
import { timelineExport } from "@/server/services/timeline/contract";

const TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/timeline/export", {
  GET: endpoint({
    summary: "Export the events of a user, session or IP address in both log tables as CSV or NDJSON, oldest first.",
    permission: "export",
    limit: "exports",
    audit: "export.start",
    params: none,
    query: timelineExport,
    body: unread,
    answers: { 200: z.file().describe("A CSV or NDJSON file with a column `table`") },
    handle: async ({ ctx, request, principal, query }) => {
      const time = ctx.now().toISOString().slice(0, 19).replaceAll(":", "");
      return new Response(await exportTimeline(ctx, principal, query, request.signal), {
        headers: {
          "Content-Type": TYPES[query.format],
          "Content-Disposition": `attachment; filename="timeline-${time}Z.${query.format}"`,
          "Cache-Control": "no-store",
        },
      });
    },
  }),
});
