import { z } from "zod";
import type { CollectedEvent } from "@/server/services/intake";
import { route } from "../../route";
import { readCollected } from "../body";
import { type CollectorCall, collectorEndpoint, storeCollected } from "../collector";
import { readPlainJson } from "../plain-json";
import { isProtobuf, otlpAnswer, otlpProblem } from "./answer";
import { readJsonLogs } from "./json";
import { readProtobufLogs } from "./protobuf";
import { eventOf, type OtlpRecord } from "./record";

/** Answers are JSON or Protobuf, as the request is. */
const EITHER = { contentMediaType: "*/*" };

const answer = z.object({
  partialSuccess: z
    .object({ rejectedLogRecords: z.string(), errorMessage: z.string() })
    .optional()
    .describe("If records were rejected; they are dead letters"),
});

const status = z
  .object({ code: z.int(), message: z.string() })
  .describe("google.rpc.Status, in the request's encoding");

/** OTLP/HTTP's endpoint of logs. */
export const otlpLogs = route(
  "/api/collect/otlp/v1/logs",
  {
    POST: collectorEndpoint({
      summary: "Ingest log records as OpenTelemetry's OTLP/HTTP, as JSON or Protobuf.",
      content: {
        "application/json": z.object({ resourceLogs: z.array(z.looseObject({})) }).describe("ExportLogsServiceRequest"),
        "application/x-protobuf": z.string().describe("ExportLogsServiceRequest"),
      },
      answer: answer.meta(EITHER),
      problem: status.meta(EITHER),
      handle: exportLogs,
    }),
  },
  otlpProblem,
);

function* eventsOf(records: readonly OtlpRecord[], query: CollectorCall["query"]): Generator<CollectedEvent> {
  for (const record of records) yield eventOf(record, query);
}

async function exportLogs(call: CollectorCall): Promise<Response> {
  const { request, query } = call;
  const isBinary = isProtobuf(request);
  const bytes = Buffer.concat(await readCollected(request));
  const records = isBinary ? await readProtobufLogs(bytes) : await readJsonLogs(await readPlainJson(bytes));
  const { refused } = await storeCollected(call, "otlp", eventsOf(records, query));
  return otlpAnswer(request, refused.size, refused.values().next().value);
}
