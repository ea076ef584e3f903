import { z } from "zod";
import { endpoint, none, openApiDocument, route, unread } from "@/server/rest";
import { paths } from "./paths";

const handlers = route("/openapi.json", {
  GET: endpoint({
    summary: "Describe this interface as OpenAPI 3.1.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: z.looseObject({ openapi: z.string() }) },
    handle: async ({ ctx }) => openApiDocument(ctx, { ...paths, "/openapi.json": handlers }),
  }),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers;
