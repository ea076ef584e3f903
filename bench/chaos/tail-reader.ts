import { z } from "zod";

const batch = z.object({ rows: z.array(z.object({ id: z.string() })), skipped: z.unknown() });

export interface Tail {
  /** The IDs of the received rows. */
  readonly ids: ReadonlySet<string>;
  /** The number of streams that were opened. */
  streams(): number;
  skipped(): number;
  close(): Promise<void>;
}

/**
 * Follows the live tail of access logs like an EventSource, which continues after its last event when the server ends a
 * stream. A stream that breaks off is a problem. Resolves when the first stream has started.
 */
export async function readTail(
  { url, key }: { readonly url: string; readonly key: string },
  problems: string[],
): Promise<Tail> {
  const stop = new AbortController();
  const ids = new Set<string>();
  let streams = 0;
  let skipped = 0;
  let last: string | undefined;
  let onStart = () => {};
  const started = new Promise<void>((resolve) => {
    onStart = resolve;
  });

  const onEvent = (event: string) => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(event)?.[1];
    last = field("id") ?? last;
    const parsed = batch.safeParse(parse(field("data")));
    if (field("event") === "serialized-error") problems.push(`the live tail reported ${field("data")}`);
    if (!parsed.success) return;
    onStart();
    for (const { id } of parsed.data.rows) ids.add(id);
    if (typeof parsed.data.skipped === "number") skipped += parsed.data.skipped;
  };
  const readOne = async () => {
    streams++;
    const input = encodeURIComponent(JSON.stringify({ table: "access_logs" }));
    const headers = { accept: "text/event-stream", authorization: `Bearer ${key}` };
    const response = await fetch(`${url}/api/trpc/logs.tail?input=${input}`, {
      headers: last === undefined ? headers : { ...headers, "last-event-id": last },
      signal: stop.signal,
    });
    if (!response.ok || !response.body) throw new Error(`the live tail was answered with ${response.status}`);
    let text = "";
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      const events = (text + part).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) onEvent(event);
    }
  };
  const reading = (async () => {
    while (!stop.signal.aborted) {
      await readOne().catch((error: unknown) => {
        if (!stop.signal.aborted) problems.push(`the live tail: ${error}`);
      });
    }
  })();
  await started;
  return {
    ids,
    streams: () => streams,
    skipped: () => skipped,
    close: async () => {
      stop.abort();
      await reading;
    },
  };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
