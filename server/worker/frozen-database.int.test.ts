import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { RECOVERY_MS, startStopwatch } from "@/server/testing/stopwatch";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";

/** Orchestrators kill a process 30 seconds after SIGTERM. */
const ENDED_WITHIN_MS = 30_000;
const WAIT = { timeout: 60_000, interval: 100 };

let subject: TestContext;
let proxy: FrozenProxy;
let worker: WorkerProcess;
beforeAll(async () => {
  subject = await createTestContext();
  const url = new URL(subject.context.db.url);
  proxy = await startFrozenProxy(Number(url.port));
  url.port = String(proxy.port);
  worker = await startWorkerProcess({ DATABASE_URL: url.href });
  await worker.ready;
});
afterAll(async () => {
  await worker.end("SIGKILL");
  await proxy.close();
  await subject.close();
});

const push = (path: string) =>
  subject.context.queue.push("access_logs", [JSON.stringify({ ip_address: "203.0.113.7", request_path: path })]);
const stored = () =>
  subject.context.db.sql<{ path: string }[]>`select request_path as path from access_logs order by path`.then((rows) =>
    rows.map(({ path }) => path),
  );

test("a worker recovers quickly from unresponsive connections, and stops on request", {
  timeout: 180_000,
}, async () => {
  await push("/1");
  await expect.poll(stored, WAIT).toEqual(["/1"]);
  proxy.freeze();
  await push("/2");
  proxy.forget();
  const elapsed = startStopwatch();
  await expect.poll(stored, WAIT).toEqual(["/1", "/2"]);
  expect(elapsed()).toBeLessThan(RECOVERY_MS);

  proxy.freeze();
  const stoppedAt = performance.now();
  expect(await worker.end("SIGTERM")).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(ENDED_WITHIN_MS);
});
