import { z } from "zod";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { route } from "../../route";
import { readCollected } from "../body";
import { type CollectorCall, collectedTable, collectorEndpoint, storeCollected } from "../collector";
import { bulkAnswer, elasticAnswer, elasticProblem } from "./answer";
import { type BulkItem, eventOf, readBulk } from "./bulk";
import { answerProbe } from "./probes";

const bulkItem = z.object({ status: z.int(), error: z.object({ type: z.string(), reason: z.string() }).optional() });
const bulkResult = z.object({
  took: z.int().describe("Milliseconds"),
  errors: z.boolean(),
  items: z.array(z.record(z.string(), z.looseObject(bulkItem.shape))),
});

const elasticError = z.object({
  error: z.union([z.string(), z.looseObject({ type: z.string(), reason: z.string() })]),
  status: z.int(),
});

const bulk = collectorEndpoint({
  summary: "Ingest events as Elasticsearch's _bulk, with index and create.",
  content: { "application/x-ndjson": z.string().describe("Lines with an action, each followed by its document") },
  answer: bulkResult,
  problem: elasticError,
  handle: handleBulk,
});
const probe = collectorEndpoint({
  summary: "Answer the requests that Elasticsearch's clients send before events.",
  answer: z.looseObject({}),
  problem: elasticError,
  // Elasticsearch answers 400 to invalid parameters.
  errors: ["BAD_REQUEST"],
  handle: async (call) => answerProbe(call) ?? elasticAnswer({ error: "no handler found for uri", status: 404 }, 404),
});

/** `_bulk` and `INDEX/_bulk`. */
export const elasticsearchBulk = route("/api/collect/elasticsearch/_bulk", { POST: bulk, PUT: bulk }, elasticProblem);
/** Every other path. */
export const elasticsearchProbes = route(
  "/api/collect/elasticsearch/{path}",
  { GET: probe, POST: probe, PUT: probe },
  elasticProblem,
);

async function handleBulk(call: CollectorCall): Promise<Response> {
  const started = performance.now();
  const { request, path, query } = call;
  const items = await readBulk(await readCollected(request), path.length > 1 ? (path[0] ?? "") : "");
  const stored: number[] = [];
  const unsupported = new Map<number, ErrorValue>();
  for (const [position, { action }] of items.entries()) {
    if (action === "index" || action === "create") stored.push(position);
    else unsupported.set(position, errorValue("collect.bulk_unsupported", { action }));
  }
  const collected = await storeCollected(call, "elasticsearch", eventsOf(items, stored, query));
  const placeOf = new Map(stored.map((position, place) => [position, place]));
  return await bulkAnswer(
    items,
    Math.round(performance.now() - started),
    (position) => unsupported.get(position) ?? collected.refused.get(placeOf.get(position) ?? -1),
    (position) => collected.ids.get(placeOf.get(position) ?? -1),
  );
}

function* eventsOf(items: readonly BulkItem[], stored: readonly number[], query: CollectorCall["query"]) {
  for (const position of stored) {
    const item = items[position];
    if (item) yield eventOf(item, collectedTable(query, item.index));
  }
}
