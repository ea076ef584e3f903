import { z } from "zod";
import { ERROR_KINDS } from "@/server/catalog/errors";
import { renderRefusal } from "@/server/lib/error-text";
import { AppError } from "@/server/lib/errors";
import { type CollectedEvent, readJsonEvent } from "@/server/services/intake";
import { route } from "../../route";
import { readCollected } from "../body";
import { type CollectorCall, collectedTable, collectorEndpoint, storeCollected } from "../collector";
import { readPlainJson } from "../plain-json";
import { unsnap } from "../snappy";
import { type LokiEntry, readJsonPush, readProtobufPush } from "./entries";

/** Uncompressed; Promtail and Alloy send 1 MB. */
const MAX_BYTES = 32 * 1024 * 1024;

const stream = z.object({
  stream: z.record(z.string(), z.string()).describe("The labels"),
  values: z.array(z.array(z.unknown())).describe("Nanoseconds since 1970 as text, the line, and structured metadata"),
});

/** Loki's push endpoint. */
export const lokiPush = route(
  "/api/collect/loki/api/v1/push",
  {
    POST: collectorEndpoint({
      summary: "Ingest lines as Grafana Loki, as JSON or as snappy-compressed Protobuf.",
      content: {
        "application/json": z.object({ streams: z.array(stream) }),
        "application/x-protobuf": z.string().describe("Loki's PushRequest, compressed with snappy"),
      },
      status: 204,
      answer: z.object({}).describe("Stored or queued"),
      problem: z.string().describe("The reason"),
      handle: push,
    }),
  },
  lokiProblem,
);

async function push(call: CollectorCall): Promise<Response> {
  const entries = await readPush(call.request);
  await storeCollected(call, "loki", eventsOf(entries, call.query));
  return new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
}

/** Loki reads everything but JSON as Protobuf. */
async function readPush(request: Request): Promise<LokiEntry[]> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") {
    return await readJsonPush(await readPlainJson(Buffer.concat(await readCollected(request))));
  }
  const compressed = Buffer.concat(await readCollected(request, ["snappy"]));
  const bytes = await unsnap(compressed, MAX_BYTES);
  if (bytes === "too_long") throw new AppError("collect.too_large", { max: MAX_BYTES / 1024 / 1024 });
  if (bytes === undefined) throw new AppError("collect.damaged", { encoding: "snappy" });
  return await readProtobufPush(bytes);
}

function* eventsOf(entries: readonly LokiEntry[], query: CollectorCall["query"]): Generator<CollectedEvent> {
  for (const entry of entries) yield eventOf(entry, query);
}

/** A line with its labels as members; `?table=`, or the label `job`, chooses the table. */
function eventOf({ labels, time, line }: LokiEntry, query: CollectorCall["query"]): CollectedEvent {
  const text = JSON.stringify({ ...labels, message: line });
  return {
    table: collectedTable(query, labels.job),
    text: `${time}\n${text}`,
    read: () => readJsonEvent(text),
    time: time === "0" ? undefined : time,
  };
}

/** Creates the response of an error as Loki does, in plain text. Clients send requests with 429 and 5xx again. */
function lokiProblem(error: AppError): Response {
  const status = error.kind === "UNPROCESSABLE" ? 400 : ERROR_KINDS[error.kind].http;
  return new Response(`${renderRefusal(error)}\n`, {
    status,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "no-store",
      ...error.headers,
      ...(error.retryAfter !== undefined && { "Retry-After": String(error.retryAfter) }),
      ...(status === 401 && { "WWW-Authenticate": 'Basic realm="loki", charset="UTF-8"' }),
    },
  });
}
