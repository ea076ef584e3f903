import { z } from "zod";
import { endpoint, none, pageSize, route, unread } from "@/server/rest";
import { importFilter, importPage, listImports } from "@/server/services/imports";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/imports", {
  GET: endpoint({
    summary: "List imports, the newest first.",
    permission: "read",
    params: none,
    query: ({ config }) => importFilter.extend({ limit: pageSize(config), cursor: z.string().optional() }),
    body: unread,
    answers: { 200: importPage },
    handle: ({ ctx, query }) => listImports(ctx, query),
  }),
});
