import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { appRouter } from "../root";

let test: TestContext;

beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());

/** Opens a stream like the browser. `until` reads up to the first event that contains `text`. */
async function open(lastEventId?: string) {
  const input = encodeURIComponent(JSON.stringify({ table: "access_logs" }));
  const stop = new AbortController();
  const req = new Request(`http://127.0.0.1/api/trpc/logs.tail?input=${input}`, {
    headers: { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) },
    signal: stop.signal,
  });
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    req,
    router: appRouter,
    createContext: () => ({
      app: test.context,
      headers: req.headers,
      principal: async () => ({ kind: "user", id: "u1", name: "someone", role: "viewer" }) as const,
    }),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    until: async (part: string) => {
      while (!text.includes(part)) {
        const next = await reader?.read();
        if (!next || next.done) throw new Error(`The stream ended with: ${text}`);
        text += next.value;
      }
      return text;
    },
    close: async () => {
      stop.abort();
      await reader?.cancel();
    },
  };
}

const insert = (path: string) =>
  insertAccessLogs(test.context, [
    { ip_address: "203.0.113.7", request_path: path, created_at: new Date().toISOString() },
  ]);

it("The live tail reaches the browser as events, and continues after the last event when the browser reconnects", async () => {
  const first = await open();
  await first.until('"rows":[]');
  await insert("/one");
  const text = await first.until("/one");
  await first.until("id: ");
  await first.close();
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(0);

  await insert("/two");
  const again = await open(ids.at(-1));
  expect(await again.until("/two")).toContain('"skipped":0');
  await again.close();
});
