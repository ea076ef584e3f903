import { z } from "zod";
import { endpoint, none, openApiDocument, route, unread } from "@/server/rest";
import { documentedPaths } from "./route-files";

let document: ReturnType<typeof openApiDocument> | undefined;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/openapi.json", {
  GET: endpoint({
    summary: "Get the OpenAPI 3.1 document of this API.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    handle: async () => {
      // Identical for all callers, because it depends only on the code and the configuration.
      document ??= openApiDocument(await documentedPaths());
      return document;
    },
  }),
});
