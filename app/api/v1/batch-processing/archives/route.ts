import { endpoint, none, route, unread, withProblemText } from "@/server/rest";
import { archiveReader } from "@/server/services/retention";
import { archivesAnswer, archivesQuery } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives", {
  GET: endpoint({
    summary: "List archives, newest first.",
    permission: "read",
    params: none,
    query: archivesQuery,
    body: unread,
    answers: { 200: archivesAnswer },
    handle: async ({ ctx, principal, query, locale }) => {
      const page = await archiveReader(ctx, principal).list(query);
      return { ...page, items: page.items.map((archive) => withProblemText(archive, locale)) };
    },
  }),
});
