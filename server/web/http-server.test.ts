import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { ReadableStream } from "node:stream/web";
import { expect, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import { freePort } from "@/server/process/free-port";
import { StartError } from "@/server/process/start-error";
import { listen } from "./http-server";

async function listenSomewhere(trustedProxies?: string, options: Parameters<typeof listen>[2] = {}) {
  const port = await freePort();
  const config = loadConfig({ TRUSTED_PROXIES: trustedProxies });
  return {
    url: `http://127.0.0.1:${port}/`,
    http: await listen(port, "127.0.0.1", { trustedProxies: config.trustedProxies, ...options }),
  };
}

test("Until the server is ready, requests get 503 with Retry-After", async () => {
  const { url, http } = await listenSomewhere();
  const response = await fetch(url);
  await http.stop(8_000);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("2");
});

test("A client cannot set its own IP address in X-Forwarded-For", async () => {
  const { url, http } = await listenSomewhere();
  http.handle((request, response) => response.end(request.headers["x-forwarded-for"]));
  const response = await fetch(url, { headers: { "x-forwarded-for": "203.0.113.9" } });
  expect(await response.text()).toBe("127.0.0.1");
  await http.stop(8_000);
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
  await http.stop(8_000);
});

/** Opens a connection, writes `sent` and reads the response to its end. */
function send(url: string, sent: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  // Buffered until connected, so that later writes of a test follow it on a busy machine too.
  socket.write(sent);
  return { socket, answer: text(socket).catch(() => "") };
}

test("Headers that never end are rejected with 408", async () => {
  const { url, http } = await listenSomewhere(undefined, { headersMs: 100 });
  const { answer } = send(url, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  await http.stop(8_000);
});

test("A slow body is rejected with 408; a steady body is read for any time, also if the server reads it late", async () => {
  const slowestBody = { bytes: 1_000, milliseconds: 600 };
  const { url, http } = await listenSomewhere(undefined, { slowestBody });
  const bodies: string[] = [];
  let readLate = () => {};
  const isLate = new Promise<void>((resolve) => {
    readLate = resolve;
  });
  http.handle(async (request, response) => {
    if (request.url === "/late") await isLate;
    const body = await text(request).catch(() => "cut");
    bodies.push(`${request.url} ${body.length}`);
    response.end(body === "cut" ? undefined : String(body.length));
  });
  const header = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
  const late = send(url, `${header("/late", 20)}0123456789`);
  const trickle = send(url, header("/trickle", 50_000));
  const dripping = setInterval(() => trickle.socket.writable && trickle.socket.write("x"), 20);
  const steady = send(url, header("/steady", 50_000));
  let sent = 0;
  const flowing = setInterval(() => {
    steady.socket.write("x".repeat(1_000));
    if (++sent === 50) clearInterval(flowing);
  }, 20);
  expect(await trickle.answer).toMatch(/^HTTP\/1\.1 408 /);
  clearInterval(dripping);
  expect(await steady.answer).toMatch(/50000$/);
  readLate();
  late.socket.write("0123456789");
  expect(await late.answer).toMatch(/20$/);
  expect(bodies.sort()).toEqual(["/late 20", "/steady 50000", "/trickle 3"]);
  await http.stop(8_000);
});

test("An upload that continues after its server was stopped is read to its end", async () => {
  const milliseconds = 300;
  const { url, http } = await listenSomewhere(undefined, { slowestBody: { bytes: 1_000, milliseconds } });
  let onStart = () => {};
  const isBegun = new Promise<void>((resolve) => {
    onStart = resolve;
  });
  http.handle(async (request, response) => {
    request.once("data", onStart);
    response.end(String((await text(request)).length));
  });
  const upload = send(url, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 20\r\n\r\n0123456789");
  await isBegun;
  // Like SIGSTOP and SIGCONT: nothing runs meanwhile.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * milliseconds);
  upload.socket.write("0123456789");
  expect(await upload.answer).toMatch(/20$/);
  await http.stop(8_000);
});

test("A response may take any time once its request is complete, even if the body is not read", async () => {
  const { url, http } = await listenSomewhere(undefined, { slowestBody: { bytes: 1_000, milliseconds: 120 } });
  http.handle((_request, response) => {
    response.write("first,");
    setTimeout(() => response.end("last"), 600);
  });
  for (const request of [new Request(url), new Request(url, { method: "POST", body: "unread" })]) {
    expect(await (await fetch(request)).text()).toBe("first,last");
  }
  await http.stop(8_000);
});

/** Ways to reject a body, before or while it is read. */
const REFUSALS = {
  "before it is read": async () => {},
  "after its first block": async (request: IncomingMessage) => {
    for await (const _ of request.iterator({ destroyOnReturn: false })) break;
  },
  // Next.js passes a body to its routes like this.
  "by cancelling its reader": async (request: IncomingMessage) => {
    const reader = ReadableStream.from(request).getReader();
    await reader.read();
    await reader.cancel();
  },
};

test.each(Object.entries(REFUSALS))(
  "A request after one whose body was rejected %s is answered, also on kept-alive connections",
  async (_, read) => {
    const { url, http } = await listenSomewhere();
    http.handle(async (request, response) => {
      if (request.method === "POST") await read(request);
      response.end(request.method);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (method: string, body?: Buffer) =>
      new Promise<string>((resolve, reject) => {
        const sent = request(url, { method, agent }, (answer) => resolve(text(answer)));
        sent.on("error", reject).end(body);
      });
    for (const bytes of [3_000_000, 30_000_000]) {
      expect(await send("POST", Buffer.alloc(bytes))).toBe("POST");
      expect(await send("GET")).toBe("GET");
    }
    agent.destroy();
    await http.stop(8_000);
  },
);

test("A client that sends a whole rejected body before it reads still gets the response; one that never stops sending is disconnected", async () => {
  const lenient = await listenSomewhere();
  const strict = await listenSomewhere(undefined, { lingerMs: 500 });
  for (const { http } of [lenient, strict]) {
    http.handle((_request, response) => response.writeHead(413).end("too large"));
  }
  const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000000\r\n\r\n";
  const client = connect(Number(new URL(lenient.url).port), "127.0.0.1").pause();
  await new Promise((resolve) => client.write(head + "x".repeat(20_000_000), resolve));
  expect(await text(client)).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close[\s\S]*too large/);

  const endless = connect(Number(new URL(strict.url).port), "127.0.0.1").resume();
  const closed = new Promise((resolve) => endless.on("error", () => {}).once("close", resolve));
  endless.write(head);
  const sending = setInterval(() => endless.write("x".repeat(1_000)), 10);
  await closed;
  clearInterval(sending);
  await Promise.all([lenient.http.stop(8_000), strict.http.stop(8_000)]);
});

test("Connections per IP address are limited; those of a trusted proxy are not counted", async () => {
  for (const [proxies, max] of [
    [undefined, 3],
    ["127.0.0.1", 5],
  ] as const) {
    const { url, http } = await listenSomewhere(proxies, { connectionsPerAddress: 3 });
    http.handle((_request, response) => response.end("yes"));
    const sockets = Array.from({ length: 5 }, () => send(url, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").socket);
    const answered = sockets.map(
      (socket) =>
        new Promise<boolean>((resolve) => socket.once("data", () => resolve(true)).once("close", () => resolve(false))),
    );
    expect((await Promise.all(answered)).filter(Boolean)).toHaveLength(max);
    await Promise.all(sockets.map((socket) => socket.closed || once(socket.end(), "close")));
    // The closed connections no longer count.
    expect(await (await fetch(url)).text()).toBe("yes");
    await http.stop(8_000);
  }
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
  const stopped = http.stop(8_000);
  expect(await stream.text()).toBe("data: 1\n\n");
  finish();
  expect(await (await slow).text()).toBe("whole");
  await stopped;
});

test("A port in use is reported in one line", async () => {
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const failure = await listen(port, "127.0.0.1").catch((error: unknown) => error);
  other.close();
  expect(failure).toBeInstanceOf(StartError);
  expect(String(failure)).toContain(`Port ${port} on 127.0.0.1 is in use`);
});

test("A request with more than a hundred header fields is rejected with 431, and fields are never dropped", async () => {
  const { url, http } = await listenSomewhere();
  let seen = 0;
  http.handle((request, response) => {
    seen++;
    response.end(request.headers.authorization);
  });
  const requestWith = (fields: number) => {
    const lines = Array.from({ length: fields - 3 }, (_, at) => `X-${at}: 1\r\n`).join("");
    const head = `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines}Authorization: Bearer k\r\n\r\n`;
    return send(url, head).answer;
  };
  expect(await requestWith(100)).toMatch(/^HTTP\/1\.1 200 [\s\S]*Bearer k/);
  for (const fields of [101, 500, 1_500]) expect(await requestWith(fields)).toMatch(/^HTTP\/1\.1 431 /);
  expect(seen).toBe(1);
  expect(await send(url, `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`).answer).toMatch(
    /^HTTP\/1\.1 431 /,
  );
  await http.stop(8_000);
});
