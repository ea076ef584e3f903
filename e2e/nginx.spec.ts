import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { connect } from "node:tls";
import { expect, test } from "@playwright/test";
import { freePort } from "@/server/process/free-port";
import { TEST_CERTIFICATE } from "@/server/testing/certificate";
import { ADMIN } from "../playwright.config";
import { hasNginx, type NginxProxy, startNginx } from "./nginx";
import { startProduct } from "./start-product";

/** Reported as skipped where nginx is not installed; .ci/run installs it. */
test.skip(!hasNginx, "nginx is not installed");
test.describe.configure({ mode: "serial", timeout: 180_000 });

const REST = "/api/v1/batch-processing";
const KB = 1_024;
const UPLOAD = { events: 1_000, bytes: 200 * KB };
const FIRST_PATH = "/through-nginx/0";

let dataDir: string;
let nginx: NginxProxy;
let product: Awaited<ReturnType<typeof startProduct>>;
let cookie = "";

test.beforeAll(async () => {
  if (!hasNginx) return;
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-nginx-data-"));
  await chmod(dataDir, 0o755);
  const [webPort, port] = [await freePort(), await freePort()];
  nginx = await startNginx(webPort, port);
  product = await startProduct({
    PORT: String(webPort),
    DATA_DIR: dataDir,
    APP_URL: `https://localhost:${port}`,
    TRUSTED_PROXIES: "127.0.0.1",
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    LOG_LEVEL: "warn",
  });
});

test.afterAll(async () => {
  await product?.stop();
  await nginx?.stop();
  if (dataDir) await rm(dataDir, { recursive: true, force: true });
});

interface Sent extends RequestOptions {
  readonly body?: string | AsyncIterable<string>;
}

/** Sends a request to nginx, and resolves when the header of the answer arrives. */
async function open(target: string, { body = "", headers, ...options }: Sent = {}): Promise<IncomingMessage> {
  const origin = `https://localhost:${nginx.port}`;
  const sent = request(`${origin}${target}`, {
    ca: TEST_CERTIFICATE,
    headers: { origin, cookie, ...headers },
    ...options,
  });
  const answered = once(sent, "response");
  answered.catch(() => {});
  await pipeline(typeof body === "string" ? Readable.from(body === "" ? [] : [body]) : Readable.from(body), sent);
  const [answer] = await answered;
  return answer;
}

async function ask(target: string, sent?: Sent): Promise<{ status: number | undefined; body: string }> {
  const answer = await open(target, sent);
  return { status: answer.statusCode, body: await text(answer) };
}

const json = { "content-type": "application/json" };
const store = (requestPath: string) =>
  ask(`${REST}/access-logs?mode=direct`, {
    method: "POST",
    headers: json,
    body: JSON.stringify([{ ip_address: "203.0.113.7", request_path: requestPath }]),
  });

test("Users sign in with TLS and HTTP/2, and plain HTTP leads there", async () => {
  const socket = connect({ port: nginx.port, ca: TEST_CERTIFICATE, servername: "localhost", ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  expect(socket.alpnProtocol).toBe("h2");
  socket.destroy();
  const plain = await fetch(`http://127.0.0.1:${nginx.plainPort}/logs`, { redirect: "manual" });
  expect([plain.status, plain.headers.get("location")]).toEqual([308, "https://127.0.0.1/logs"]);

  const body = JSON.stringify(ADMIN);
  const answer = await open("/api/auth/sign-in/email", { method: "POST", headers: json, body });
  expect(answer.statusCode).toBe(200);
  const cookies = answer.headers["set-cookie"] ?? [];
  expect(cookies.every((line) => line.includes("Secure"))).toBe(true);
  cookie = cookies.map((line) => line.split(";")[0]).join("; ");
  expect((await ask("/queues")).status).toBe(200);
});

test("The live tail shows a row as soon as it is stored", async () => {
  const input = encodeURIComponent(JSON.stringify({ table: "access_logs" }));
  const stream = await open(`/api/trpc/logs.tail?input=${input}`, { headers: { accept: "text/event-stream" } });
  let received = "";
  stream.on("data", (chunk: Buffer) => (received += chunk));
  await expect.poll(() => received).toContain('"rows":[]');
  for (const place of ["/tail/1", "/tail/2"]) {
    expect((await store(place)).status).toBe(200);
    await expect.poll(() => received, { timeout: 10_000 }).toContain(place);
  }
  stream.destroy();
});

/** Events as lines of 200 KB; white space after an event costs little to store. Pauses in the middle. */
async function* lines(pause: () => Promise<void>): AsyncGenerator<string> {
  for (let index = 0; index < UPLOAD.events; index++) {
    if (index === UPLOAD.events / 2) await pause();
    const event = { ip_address: "203.0.113.8", request_path: `/through-nginx/${index}`, session_id: "x".repeat(20) };
    yield `${JSON.stringify(event).padEnd(UPLOAD.bytes)}\n`;
  }
}

test("An upload of 200 MB is stored, its first events before its last ones are sent", async () => {
  const isStored = async () => (await ask(`${REST}/access-logs?request_path=${FIRST_PATH}&count=none`)).body;
  const answer = await ask(`${REST}/access-logs?mode=direct`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines(() => expect.poll(isStored, { timeout: 25_000 }).toContain("203.0.113.8")),
  });
  expect(answer.status, answer.body).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ received: UPLOAD.events, inserted: UPLOAD.events });
});

test("A download is continued where it ended", async () => {
  const body = JSON.stringify({ export_type: "access_logs", format: "csv" });
  const headers = { ...json, prefer: "wait=60" };
  const job = await ask(`${REST}/export`, { method: "POST", headers, body });
  const { download_url } = JSON.parse(job.body).result;
  const whole = await ask(download_url);
  const rest = await open(download_url, { headers: { range: "bytes=1000-" } });
  expect(rest.statusCode).toBe(206);
  expect(await text(rest)).toBe(whole.body.slice(1000));
  expect(nginx.output()).toBe("");
});
