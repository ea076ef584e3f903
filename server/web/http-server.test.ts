import { createServer } from "node:http";
import { expect, test } from "vitest";
import { loadConfig } from "@/server/config";
import { freePort } from "@/server/runtime/free-port";
import { StartError } from "@/server/runtime/start-error";
import { listen } from "./http-server";

async function listenSomewhere(trustedProxies?: string) {
  const port = await freePort();
  const config = loadConfig({ TRUSTED_PROXIES: trustedProxies });
  return { url: `http://127.0.0.1:${port}/`, http: await listen(port, "127.0.0.1", config.trustedProxies) };
}

test("Until the product is ready, requests are told to come back", async () => {
  const { url, http } = await listenSomewhere();
  const response = await fetch(url);
  await http.stop();
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("2");
});

test("What a client claims as its address is replaced by the real one", async () => {
  const { url, http } = await listenSomewhere();
  http.handle((request, response) => response.end(request.headers["x-forwarded-for"]));
  const response = await fetch(url, { headers: { "x-forwarded-for": "203.0.113.9" } });
  expect(await response.text()).toBe("127.0.0.1");
  await http.stop();
});

test.each([
  ["203.0.113.9", "203.0.113.9"],
  ["198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"],
  ["203.0.113.9:5123", "203.0.113.9"],
  ["[2001:db8::1]:443,10.9.9.9", "2001:db8::1"],
  ["203.0.113.9, unknown, 10.1.2.3", "10.1.2.3"],
  ["", "127.0.0.1"],
])("Behind a trusted proxy, the client of X-Forwarded-For %j is %s", async (header, client) => {
  const { url, http } = await listenSomewhere("127.0.0.1, 10.0.0.0/8");
  http.handle((request, response) => response.end(request.headers["x-forwarded-for"]));
  const response = await fetch(url, { headers: { "x-forwarded-for": header } });
  expect(await response.text()).toBe(client);
  await http.stop();
});

test("A stop ends event streams and lets the other requests finish", async () => {
  const { url, http } = await listenSomewhere();
  let finish = () => {};
  let slowHasCome = () => {};
  const slowIsThere = new Promise<void>((resolve) => {
    slowHasCome = resolve;
  });
  http.handle((request, response) => {
    if (request.url === "/stream") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      return;
    }
    finish = () => response.end("whole");
    slowHasCome();
  });
  const stream = await fetch(`${url}stream`, { headers: { accept: "text/event-stream" } });
  const slow = fetch(url);
  await slowIsThere;
  const stopped = http.stop();
  await expect(stream.text()).rejects.toThrow();
  finish();
  expect(await (await slow).text()).toBe("whole");
  await stopped;
});

test("A port in use is named in one line", async () => {
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const failure = await listen(port, "127.0.0.1").catch((error: unknown) => error);
  other.close();
  expect(failure).toBeInstanceOf(StartError);
  expect(String(failure)).toContain(`Port ${port} on 127.0.0.1 is in use`);
});
