import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as getHealth } from "@/app/api/health/route";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { askRest } from "@/server/testing/rest";
import { ANSWER_MS, RECOVERY_MS, startStopwatch } from "@/server/testing/stopwatch";
import { documentedPaths } from "./openapi.json/route-files";

const paths = await documentedPaths();
const WAIT = { timeout: 60_000, interval: 100 };

let redis: TestRedis;
let proxy: FrozenProxy;
let subject: TestContext;
let headers: Record<string, string>;
beforeAll(async () => {
  redis = await startRedis();
  proxy = await startFrozenProxy(redis.port);
  subject = await createTestContext({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
  provideContext(subject.context);
  const { key } = await createApiKey(subject.context, { name: "admin", role: "admin" });
  headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
});
afterAll(async () => {
  await subject.close();
  await proxy.close();
  await redis.remove();
});

const send = async (method: string, path: string, body?: string) =>
  (await askRest(paths, { method, path, headers, body })).status;
const requests = (round: string) => [
  send("POST", "/access-logs", JSON.stringify([{ ip_address: "203.0.113.7", request_path: `/${round}` }])),
  send("GET", "/access-logs"),
  send("GET", "/queue-status"),
  send("GET", "/jobs"),
];
const health = async () => await (await getHealth(new Request("http://127.0.0.1:3000/api/health", { headers }))).json();

test("while Redis does not respond, events are stored directly and everything else is answered in time", {
  timeout: 180_000,
}, async () => {
  expect(await Promise.all(requests("before"))).toEqual([202, 200, 200, 200]);
  proxy.freeze();
  for (const round of ["first", "second"]) {
    const elapsed = startStopwatch();
    const [answers, state] = await Promise.all([Promise.all(requests(round)), health()]);
    expect(elapsed()).toBeLessThan(ANSWER_MS);
    expect(answers).toEqual([202, 200, 200, 200]);
    expect(state).toMatchObject({ status: "ready", parts: { queue: { state: "down" } } });
  }
  const stored = await subject.context.db.sql`select request_path as path from access_logs order by path`;
  expect(stored.map(({ path }) => path)).toEqual(["/first", "/second"]);
  proxy.forget();
  const elapsed = startStopwatch();
  await expect.poll(health, WAIT).toMatchObject({ parts: { queue: { state: "ok" } } });
  expect(elapsed()).toBeLessThan(RECOVERY_MS);
  expect(await Promise.all(requests("after"))).toEqual([202, 200, 200, 200]);
});
