import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { type Context, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { changeRule } from "@/server/services/alerts";
import { checkHealth, isReady } from "@/server/services/health";
import { startWorkerHeartbeat } from "@/server/services/queues";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { GET, HEAD } from "./route";

let test: TestContext;
let key: string;
beforeAll(async () => {
  test = await createTestContext();
  key = (await createApiKey(test.context, { name: "watch", role: "viewer" })).key;
});
afterAll(() => test.close());

async function getHealth(ctx: Context, headers: Record<string, string> = {}) {
  provideContext(ctx);
  const response = await GET(new Request("http://127.0.0.1:3000/api/health", { headers }));
  return { status: response.status, retryAfter: response.headers.get("retry-after"), json: await response.json() };
}

describe("/api/health", () => {
  it("reports only its readiness to anonymous callers", async () => {
    expect(await getHealth(test.context)).toEqual({ status: 200, retryAfter: null, json: { status: "ready" } });
  });

  it("answers HEAD", async () => {
    provideContext(test.context);
    const response = await HEAD(new Request("http://127.0.0.1:3000/api/health", { method: "HEAD" }));
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  it("reports each component's state and advice to authenticated callers", async () => {
    const headers = { authorization: `Bearer ${key}` };
    expect((await getHealth(test.context, headers)).json).toMatchObject({
      status: "ready",
      parts: {
        database: { state: "ok", latency_ms: expect.any(Number), advice: null },
        queue: { state: "ok" },
        worker: { state: "degraded", advice: expect.stringContaining("npm run worker") },
        disk: { state: expect.stringMatching(/ok|degraded/) },
      },
    });
    const chinese = await getHealth(test.context, { ...headers, "accept-language": "zh-CN" });
    expect(chinese.json.parts.worker).toMatchObject({
      advice: expect.stringContaining("没有活跃的 Worker"),
      advice_code: "health.no_worker",
      advice_params: {},
    });
    const worker = startWorkerHeartbeat(test.context, { id: "0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11" });
    await expect
      .poll(async () => (await getHealth(test.context, headers)).json)
      .toMatchObject({
        parts: { worker: { state: "ok" } },
      });
    await worker.stop();
  });

  it("reports the disk as full above the alert rule's threshold, and checks it without PostgreSQL too", async () => {
    const admin = { kind: "user", id: "admin", name: "Admin", role: "admin" } as const;
    const { context } = test;
    const diskOf = async (ctx = context) => (await checkHealth(ctx)).parts.disk;
    await changeRule(context, "disk_usage", { threshold: 0 }, admin);
    expect(await diskOf()).toMatchObject({
      state: "degraded",
      advice: { code: "health.disk_full", params: { percent: expect.any(Number) } },
    });
    await changeRule(context, "disk_usage", { threshold: 1 }, admin);
    expect(await diskOf()).toMatchObject({ state: "ok" });
    const unavailable = connectDatabase("postgres://nobody@127.0.0.1:1/nothing", { applicationName: "test" });
    expect((await diskOf({ ...context, db: unavailable })).state).not.toBe("down");
    await unavailable.close();
  });

  it("returns 503 with Retry-After, also to authenticated callers, when PostgreSQL is unreachable", async () => {
    const unavailable = connectDatabase("postgres://nobody@127.0.0.1:1/nothing", { applicationName: "test" });
    const answer = await getHealth({ ...test.context, db: unavailable }, { authorization: `Bearer ${key}` });
    await unavailable.close();
    expect(answer).toEqual({ status: 503, retryAfter: "5", json: { status: "not_ready" } });
  });

  it("leaves a web process in service while PostgreSQL is read-only, and takes it out when it is unreachable", async () => {
    const connect = (url: string) => connectDatabase(url, { applicationName: "test" });
    const readOnly = connect(`${test.context.db.url}?default_transaction_read_only=on`);
    const ctx = { ...test.context, db: readOnly };
    expect((await getHealth(ctx)).json).toEqual({ status: "read_only" });
    expect(await isReady(ctx)).toBe(true);
    await readOnly.close();
    const unreachable = connect("postgres://nobody@127.0.0.1:1/nothing");
    expect(await isReady({ ...test.context, db: unreachable })).toBe(false);
    await unreachable.close();
  });

  it("answers hundreds of anonymous requests at once with the statements of one check", async () => {
    const counting = () => {
      let statements = 0;
      const health = new Proxy(test.context.db.health, {
        apply: (target, self, parameters) => {
          statements++;
          return Reflect.apply(target, self, parameters);
        },
      });
      return { ctx: { ...test.context, db: { ...test.context.db, health } }, statements: () => statements };
    };
    const one = counting();
    await getHealth(one.ctx);
    await isReady(one.ctx);
    const flood = counting();
    await Promise.all(Array.from({ length: 100 }, () => [getHealth(flood.ctx), isReady(flood.ctx)]).flat());
    // A slow machine may need more than a second.
    expect(flood.statements()).toBeLessThanOrEqual(3 * one.statements());
  });
});
