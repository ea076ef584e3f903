import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "@/server/process/free-port";
import { listen } from "./http-server";
import { makeProbes } from "./probes";

async function serve() {
  const probes = makeProbes();
  const port = await freePort();
  const http = await listen(port, "127.0.0.1", { answerProbe: probes.answer });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.json()];
  };
  return { probes, http, live: () => get("/api/health/live"), ready: () => get("/api/health/ready") };
}

test("A process that starts is live, and ready when PostgreSQL can serve requests", async () => {
  const { probes, http, live, ready } = await serve();
  expect(await live()).toEqual([200, { status: "live" }]);
  expect(await ready()).toEqual([503, { status: "starting" }]);
  let isReady = false;
  probes.started(async () => isReady);
  expect(await ready()).toEqual([503, { status: "not_ready" }]);
  expect(await live()).toEqual([200, { status: "live" }]);
  isReady = true;
  expect(await ready()).toEqual([200, { status: "ready" }]);
  await http.stop(8_000);
});

test("A process that stops serves requests until the load balancer has seen that it is not ready", async () => {
  const { probes, http, live, ready } = await serve();
  probes.started(async () => true);
  await ready();
  let isAnnounced = false;
  const announced = probes.stop().then(() => {
    isAnnounced = true;
  });
  for (const _ of [1, 2, 3]) {
    expect(isAnnounced).toBe(false);
    expect(await ready()).toEqual([503, { status: "stopping" }]);
    expect(await live()).toEqual([200, { status: "live" }]);
  }
  await announced;
  await http.stop(8_000);
});

test("A process whose readiness nobody checks stops immediately", async () => {
  const { probes, http, live } = await serve();
  probes.started(async () => true);
  await live();
  const stopped = probes.stop().then(() => "stopped");
  expect(await Promise.race([stopped, setImmediate("waiting")])).toBe("stopped");
  await http.stop(8_000);
});
