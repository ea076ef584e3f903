import { endpoint, none, route, unread, withErrorTextIfAny } from "@/server/rest";
import { listImports } from "@/server/services/imports";
import { importPageAnswer, importsQuery } from "@/server/services/imports/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/imports", {
  GET: endpoint({
    summary: "List imports, newest first.",
    permission: "read",
    params: none,
    query: importsQuery,
    body: unread,
    answers: { 200: importPageAnswer },
    handle: async ({ ctx, query, locale }) => {
      const page = await listImports(ctx, query);
      return { ...page, items: page.items.map((item) => withErrorTextIfAny(item, locale)) };
    },
  }),
});
