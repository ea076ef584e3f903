import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { freePort } from "@/server/process/free-port";
import type { WorkerState } from "@/server/services/queues";
import { openWorkerPort, type WorkerPort } from "./port";

const log = pino({ level: "silent" });
const ACTIVE: WorkerState = {
  isActive: true,
  isHung: false,
  heartbeatAgeSeconds: 1.5,
  queues: new Map([["access_logs", { batches: 3, idleSeconds: 0.25 }]]),
};

const opened: WorkerPort[] = [];
afterEach(async () => {
  for (const port of opened.splice(0)) await port.close();
});

async function open(stop = new AbortController()) {
  const port = await freePort();
  const worker = await openWorkerPort({ port, host: "127.0.0.1" }, { signal: stop.signal, log });
  opened.push(worker);
  const get = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
  const status = async (path: string) => {
    const response = await get(path);
    return [response.status, await response.json()];
  };
  return { port, worker, stop, get, live: () => status("/live"), ready: () => status("/ready") };
}

test("a worker is live from its start on, and ready while other processes see it as active", async () => {
  const { worker, stop, live, ready } = await open();
  expect(await live()).toEqual([200, { status: "live" }]);
  expect(await ready()).toEqual([503, { status: "starting" }]);
  let state = ACTIVE;
  worker.started(() => state);
  expect(await ready()).toEqual([200, { status: "ready" }]);
  state = { ...ACTIVE, isActive: false };
  expect(await ready()).toEqual([503, { status: "not_ready" }]);
  expect(await live()).toEqual([200, { status: "live" }]);
  stop.abort();
  expect(await ready()).toEqual([503, { status: "stopping" }]);
  expect(await live()).toEqual([200, { status: "live" }]);
});

test("a worker whose heartbeats no longer end is not live", async () => {
  const { worker, live } = await open();
  worker.started(() => ({ ...ACTIVE, isHung: true }));
  expect(await live()).toEqual([503, { status: "not_live" }]);
});

test("Prometheus reads the figures of this process, also while it starts", async () => {
  const { worker, get } = await open();
  expect(await (await get("/metrics")).text()).toContain("process_resident_memory_bytes");
  worker.started(() => ACTIVE);
  const response = await get("/metrics");
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  const lines = (await response.text()).split("\n");
  expect(lines).toContain("batch_console_worker_heartbeat_age_seconds 1.5");
  expect(lines).toContain('batch_console_worker_batches_total{queue="access_logs"} 3');
  expect(lines).toContain('batch_console_worker_idle_seconds{queue="access_logs"} 0.25');
});

test("only the three paths are answered, and only reads", async () => {
  const { get } = await open();
  expect((await get("/")).status).toBe(404);
  expect((await get("/live", "POST")).status).toBe(404);
  expect((await get("/live?x=1", "HEAD")).status).toBe(200);
});

test("a port in use stops the start with one line that names the variable", async () => {
  const { port } = await open();
  const second = openWorkerPort({ port, host: "127.0.0.1" }, { signal: new AbortController().signal, log });
  await expect(second).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use. Stop the other program, or set WORKER_PORT to another port.`,
  );
});

test("without WORKER_PORT, a worker listens nowhere", async () => {
  const worker = await openWorkerPort(
    { port: undefined, host: "not an address" },
    { signal: new AbortController().signal, log },
  );
  worker.started(() => ACTIVE);
  await worker.close();
});
