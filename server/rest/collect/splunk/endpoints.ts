import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { isReady } from "@/server/services/health";
import { type CollectedEvent, readLines, tooLongError, withoutCarriageReturn } from "@/server/services/intake";
import { route } from "../../route";
import { readCollected } from "../body";
import { type CollectorCall, collectorEndpoint, requireEventCount, storeCollected } from "../collector";
import { HEC, hecAnswer, hecProblem } from "./answer";
import { rawEvent, readEvents } from "./events";

const hecResult = z.object({
  text: z.string(),
  code: z.int(),
  "invalid-event-number": z.int().optional().describe("The position from 0 of the event that is not accepted"),
});

/** `/services/collector` and `/services/collector/event`. */
export const splunkEvents = route(
  "/api/collect/splunk/services/collector",
  {
    POST: collectorEndpoint({
      summary: "Ingest events as Splunk's HTTP Event Collector, as concatenated JSON objects.",
      content: { "application/json": z.object({ event: z.unknown(), time: z.unknown().optional() }).loose() },
      answer: hecResult,
      problem: hecResult,
      handle: handleEvents,
    }),
  },
  hecProblem,
);

export const splunkRaw = route(
  "/api/collect/splunk/services/collector/raw",
  {
    POST: collectorEndpoint({
      summary: "Ingest lines of text as Splunk's HTTP Event Collector.",
      content: { "text/plain": z.string().describe("One event per line") },
      answer: hecResult,
      problem: hecResult,
      handle: handleRaw,
    }),
  },
  hecProblem,
);

/** Acknowledgements are disabled: events are stored or queued when they are answered. */
export const splunkAck = route(
  "/api/collect/splunk/services/collector/ack",
  {
    POST: collectorEndpoint({
      summary: "Answer that acknowledgements are disabled, as Splunk's HTTP Event Collector does.",
      answer: hecResult,
      problem: hecResult,
      handle: async () => hecAnswer(HEC.noAck),
    }),
  },
  hecProblem,
);

export const splunkHealth = route(
  "/api/collect/splunk/services/collector/health",
  { GET: async ({ ctx }) => hecAnswer((await isReady(ctx)) ? HEC.healthy : HEC.unhealthy) },
  hecProblem,
);

async function handleEvents(call: CollectorCall): Promise<Response> {
  const bytes = Buffer.concat(await readCollected(call.request));
  if (!isUtf8(bytes)) return hecAnswer(HEC.invalidFormat, 0);
  const read = await readEvents(bytes.toString("utf8"), call.query);
  if ("outcome" in read) return hecAnswer(read.outcome, read.invalidEvent);
  await storeCollected(call, "splunk", read.events);
  return hecAnswer(HEC.success);
}

async function handleRaw(call: CollectorCall): Promise<Response> {
  const events: CollectedEvent[] = [];
  const slice = makeTimeSlice();
  for await (const lines of readLines(each(await readCollected(call.request)))) {
    for (const line of lines) {
      const pause = slice();
      if (pause) await pause;
      const text = withoutCarriageReturn(line.text);
      if (text.trim() === "") continue;
      requireEventCount(events.length + 1);
      const event = rawEvent(text, call.query);
      events.push(line.isCut ? { ...event, read: () => ({ error: tooLongError() }) } : event);
    }
  }
  if (events.length === 0) return hecAnswer(HEC.noData);
  await storeCollected(call, "splunk", events);
  return hecAnswer(HEC.success);
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
