import { createTRPCClient } from "@trpc/client";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { trpcLinks } from "@/components/trpc-links";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { type AppRouter, appRouter } from "./root";

const URL = "http://127.0.0.1/api/trpc";

let test: TestContext;
const requests: string[] = [];

beforeAll(async () => {
  test = await createTestContext();
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    const request = new Request(url, init);
    requests.push(url);
    return await fetchRequestHandler({
      endpoint: "/api/trpc",
      req: request,
      router: appRouter,
      createContext: () => ({
        app: test.context,
        headers: request.headers,
        principal: async () => ({ kind: "user", id: "u1", name: "someone", role: "admin" }) as const,
      }),
    });
  });
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await test.close();
});

it("A part of a page appears as soon as its own result arrives, regardless of other calls in the request", async () => {
  const client = createTRPCClient<AppRouter>({ links: trpcLinks(URL) });
  const range = { from: Date.now() - 3_600_000, to: Date.now() };
  let slowAnswered = false;
  const { slow } = await test.context.db.sql.begin(async (tx) => {
    await tx`lock table traffic in access exclusive mode`;
    const slow = client.overview.traffic.query(range).then((answer) => {
      slowAnswered = true;
      return answer;
    });
    const [series, timings] = await Promise.all([
      client.overview.queues.query(range),
      client.overview.timings.query(range),
    ]);
    expect(series.points.length).toBeGreaterThan(0);
    expect(timings.calls).toEqual([]);
    expect(slowAnswered).toBe(false);
    return { slow };
  });
  expect((await slow).requests).toBe(0);
  expect(requests).toHaveLength(1);
});

it("Calls beyond the server's limit per request are sent in another request", async () => {
  requests.length = 0;
  const client = createTRPCClient<AppRouter>({ links: trpcLinks(URL) });
  await Promise.all(Array.from({ length: 25 }, () => client.overview.forecast.query()));
  expect(requests).toHaveLength(2);
});
