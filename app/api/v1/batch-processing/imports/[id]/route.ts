import { endpoint, jobResponse, noBody, none, route, unread, withErrorTextIfAny } from "@/server/rest";
import { getImport, startUndo } from "@/server/services/imports";
import { importAnswer, importKey } from "@/server/services/imports/contract";
import { jobAnswers } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/imports/{id}", {
  GET: endpoint({
    summary: "Get an import with its source and the outcome of its events.",
    permission: "read",
    params: importKey,
    query: none,
    body: unread,
    answers: { 200: importAnswer },
    handle: async ({ ctx, params: { id }, locale }) => withErrorTextIfAny(await getImport(ctx, id), locale),
  }),
  DELETE: endpoint({
    summary: "Undo an import: delete the rows that it inserted and its dead letters. Duplicates remain.",
    permission: "imports.undo",
    audit: "import.undo",
    params: importKey,
    query: none,
    body: noBody,
    answers: jobAnswers,
    errors: ["CONFLICT", "TOO_MANY_REQUESTS"],
    handle: async ({ ctx, request, principal, params: { id } }) =>
      jobResponse(ctx, request, await startUndo(ctx, principal, id)),
  }),
});
