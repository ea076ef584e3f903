import { endpoint, noBody, none, route, unread } from "@/server/rest";
import { getMapping, removeMapping, saveMapping } from "@/server/services/mappings";
import { mappingAnswer, mappingChange, mappingKey, mappingRemoved } from "@/server/services/mappings/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/mappings/{name}", {
  GET: endpoint({
    summary: "Get a named mapping with its versions.",
    permission: "read",
    params: mappingKey,
    query: none,
    body: unread,
    answers: { 200: mappingAnswer },
    handle: ({ ctx, params: { name } }) => getMapping(ctx, name),
  }),
  PUT: endpoint({
    summary: "Save a mapping: create it, or add its next version.",
    permission: "ingest",
    audit: "mapping.save",
    params: mappingKey,
    query: none,
    body: mappingChange,
    answers: { 200: mappingAnswer },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params: { name }, body }) => saveMapping(ctx, principal, { ...body, name }),
  }),
  DELETE: endpoint({
    summary: "Remove a mapping. What it read is unchanged.",
    permission: "ingest",
    audit: "mapping.remove",
    params: mappingKey,
    query: none,
    body: noBody,
    answers: { 200: mappingRemoved },
    handle: async ({ ctx, principal, params: { name } }) => {
      await removeMapping(ctx, principal, name);
      return { name, removed: true as const };
    },
  }),
});
