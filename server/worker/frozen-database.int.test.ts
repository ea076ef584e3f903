import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "@/server/process/free-port";
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
let port: number;
beforeAll(async () => {
  subject = await createTestContext();
  const url = new URL(subject.context.db.url);
  proxy = await startFrozenProxy(Number(url.port));
  url.port = String(proxy.port);
  port = await freePort();
  worker = await startWorkerProcess({ DATABASE_URL: url.href, WORKER_PORT: String(port) });
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

const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
const statusOf = async (path: string) => (await get(path)).json();

test("a worker recovers quickly from unresponsive connections, and stops on request", {
  timeout: 180_000,
}, async () => {
  await push("/1");
  await expect.poll(stored, WAIT).toEqual(["/1"]);
  await expect.poll(() => statusOf("/ready"), WAIT).toEqual({ status: "ready" });
  expect(await (await get("/metrics")).text()).toContain('batch_console_worker_batches_total{queue="access_logs"} 1\n');
  proxy.freeze();
  await push("/2");
  proxy.forget();
  const elapsed = startStopwatch();
  await expect.poll(stored, WAIT).toEqual(["/1", "/2"]);
  expect(elapsed()).toBeLessThan(RECOVERY_MS);

  proxy.freeze();
  const stoppedAt = performance.now();
  const ended = worker.end("SIGTERM");
  await expect.poll(() => statusOf("/ready"), WAIT).toEqual({ status: "stopping" });
  expect(await statusOf("/live")).toEqual({ status: "live" });
  expect(await ended).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(ENDED_WITHIN_MS);
});
