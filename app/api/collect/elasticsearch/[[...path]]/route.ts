import { elasticsearchBulk, elasticsearchProbes } from "@/server/rest/collect";

interface Routed {
  readonly params: Promise<{ readonly path?: readonly string[] }>;
}

/** The segments of the path are `_bulk`, `INDEX/_bulk`, or those of a client's question before it sends events. */
async function handle(request: Request, routed: Routed): Promise<Response> {
  const { path = [] } = await routed.params;
  const isBulk = path.length <= 2 && path.at(-1) === "_bulk";
  return await (isBulk ? elasticsearchBulk : elasticsearchProbes).GET(request, routed);
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
