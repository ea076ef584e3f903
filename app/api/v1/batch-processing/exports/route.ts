import { z } from "zod";
import { endpoint, none, pageSize, route, unread } from "@/server/rest";
import { exportsAnswer } from "@/server/rest/answers";
import { exportReader } from "@/server/services/exports";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/exports", {
  GET: endpoint({
    summary: "List the exports that can be downloaded, the newest first.",
    permission: "read",
    params: none,
    query: ({ config }) => z.strictObject({ limit: pageSize(config), cursor: z.string().optional() }),
    body: unread,
    answers: { 200: exportsAnswer },
    handle: ({ ctx, principal, query }) => exportReader(ctx, principal).list(query),
  }),
});
