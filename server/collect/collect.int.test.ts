import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { TEST_CERTIFICATE, TEST_KEY } from "@/server/testing/certificate";
import { setUpContext } from "@/server/testing/context";
import { type Collector, openCollector } from "./collector";
import { collectMetricsText } from "./metrics";

const run = promisify(execFile);
const HOST = "127.0.0.1";
const LINE = '203.0.113.7 - - [30/Nov/2026:09:59:59 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl"';

let ctx: Context;
let folder: string;
setUpContext((context) => {
  ctx = context;
});
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-collect-"));
  await writeFile(path.join(folder, "cert.pem"), TEST_CERTIFICATE);
  await writeFile(path.join(folder, "key.pem"), TEST_KEY);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => ctx.db.sql`truncate access_logs, user_activity_logs, dead_letters`);

const opened: Collector[] = [];
afterEach(async () => {
  for (const collector of opened.splice(0)) await collector.close();
});

async function open(env: Record<string, string> = {}): Promise<Collector> {
  const { collect, limits } = loadConfig({ COLLECT_PORT: "0", COLLECT_HOST: HOST, ...env });
  const collector = await openCollector({ ...ctx, config: { ...ctx.config, collect, limits } });
  opened.push(collector);
  return collector;
}

/** Sends a text in one connection, and waits until the collector has closed it. */
async function send({ ports }: Collector, text: string): Promise<void> {
  const socket = connect({ port: ports().tcp ?? 0, host: HOST });
  await closed(socket.end(text).resume());
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once("close", () => resolve()).on("error", () => {}));

const settled = (collector: Collector, received: number) =>
  vi.waitFor(() => expect(collector.state().stream).toMatchObject({ received, unstored: 0, lost: 0 }), {
    timeout: 60_000,
  });

const activities = () => ctx.db.sql<{ user_id: string; action: string; message: string; created_at: string }[]>`
  select user_id, action, details ->> 'message' as message, created_at::text from user_activity_logs
  order by details ->> 'message'`;

const counts = async () => {
  const [row] = await ctx.db.sql<{ requests: number; activities: number; dead: number }[]>`
    select (select count(*)::int from access_logs) as requests, (select count(*)::int from user_activity_logs) as activities,
      (select count(*)::int from dead_letters) as dead`;
  return row;
};

/** Other systems have another logger. */
test.runIf(process.platform === "linux")(
  "logger(1) sends RFC 5424 and 3164, with octet counting and newlines, and every message is stored",
  async () => {
    const collector = await open();
    const port = String(collector.ports().tcp);
    const log = (...args: string[]) =>
      run("logger", ["--server", HOST, "--port", port, "--tcp", "--tag", "app", ...args]);
    await log("--rfc5424", "--octet-count", "--msgid", "M1", "a 第一");
    await log("--rfc5424", "b");
    await log("--rfc3164", "--octet-count", "c");
    await log("--rfc3164", "--id=77", "d");
    await settled(collector, 4);
    const rows = await activities();
    expect(rows.map(({ action, message }) => [action, message])).toEqual([
      ["app", "a 第一"],
      ["app", "b"],
      ["app", "c"],
      ["app", "d"],
    ]);
    expect(new Set(rows.map(({ user_id }) => user_id.length > 1))).toEqual(new Set([true]));
    const [first] = await ctx.db.sql<{ syslog: unknown }[]>`
    select extra -> 'syslog' as syslog from user_activity_logs where details ->> 'message' = 'a 第一'`;
    expect(first?.syslog).toMatchObject({ msgid: "M1", severity: "notice", data: { timeQuality: { tzKnown: "1" } } });
  },
);

test("Requests become access logs, other messages activities, and long ones dead letters", async () => {
  const collector = await open({ COLLECT_MAX_MESSAGE: "1000" });
  const messages = [
    `<134>Nov 30 10:00:00 web-1 nginx: ${LINE}`,
    `<134>1 2026-11-30T10:00:00Z web-1 api - - - {"ip":"203.0.113.8","path":"/b","status":404}`,
    "<13>1 2026-11-30T10:00:00Z web-1 cron - - - started",
    `<13>1 2026-11-30T10:00:00Z web-1 cron - - - ${"x".repeat(5_000)}`,
  ];
  await send(collector, `${messages.join("\n")}\n`);
  await settled(collector, 4);
  expect(await counts()).toEqual({ requests: 2, activities: 1, dead: 1 });
  const rows = await ctx.db.sql`select request_path, status_code, extra -> 'syslog' ->> 'host' as host
    from access_logs order by request_path`;
  expect([...rows]).toEqual([
    { request_path: "/a", status_code: 200, host: "web-1" },
    { request_path: "/b", status_code: 404, host: "web-1" },
  ]);
});

test("A table and a mapping apply to all messages, and a text that does not fit is a dead letter", async () => {
  const collector = await open({ COLLECT_TABLE: "access_logs", COLLECT_MAP: "$remote_addr $request_uri $status" });
  await send(collector, "<13>Nov 30 10:00:00 web-1 app: 203.0.113.7 /a 200\n<13>Nov 30 10:00:00 web-1 app: started\n");
  await settled(collector, 2);
  expect(await counts()).toEqual({ requests: 1, activities: 0, dead: 1 });
  const [letter] = await ctx.db.sql`select payload, mapping, source from dead_letters`;
  expect(letter).toEqual({
    payload: "<13>Nov 30 10:00:00 web-1 app: started",
    mapping: "syslog:$remote_addr $request_uri $status",
    source: "syslog",
  });
});

test("Equal messages of a connection are stored, and not again when they are sent after a broken connection", async () => {
  const collector = await open();
  const message = "<13>1 2026-11-30T10:00:00Z web-1 app - - - equal\n";
  const broken = connect({ port: collector.ports().tcp ?? 0, host: HOST });
  broken.write(message.repeat(3) + message.slice(0, 20));
  await settled(collector, 3);
  broken.resetAndDestroy();
  await vi.waitFor(() => expect(collector.state().connections).toMatchObject({ open: 0, incomplete: 1 }), {
    timeout: 60_000,
  });
  await send(collector, message.repeat(4));
  await settled(collector, 7);
  expect(await counts()).toMatchObject({ activities: 4 });
  expect(collector.state().stream.stored).toMatchObject({ inserted: 4, duplicates: 3 });
});

test("A sender waits while PostgreSQL is unavailable, and what was read is stored when it is back", async () => {
  const collector = await open();
  const locked = await ctx.db.sql.reserve();
  await locked`begin`;
  await locked`lock table user_activity_logs in access exclusive mode`;
  const count = 6_000;
  const socket = connect({ port: collector.ports().tcp ?? 0, host: HOST });
  const text = Array.from(
    { length: count },
    (_, n) => `<13>1 2026-11-30T10:00:00Z web-1 app - - - ${n} ${"x".repeat(400)}\n`,
  );
  socket.end(text.join("")).resume();
  // The limit of a sender's unstored messages is reached, far from the end of its text.
  await vi.waitFor(() => expect(collector.state().stream.unstored).toBeGreaterThan(300), { timeout: 60_000 });
  expect(collector.state().stream.received).toBeLessThan(count / 4);
  await locked`commit`;
  locked.release();
  await settled(collector, count);
  expect(await counts()).toEqual({ requests: 0, activities: count, dead: 0 });
});

test("A stop stores what was read, and notifies the sender", async () => {
  const collector = await open();
  const socket = connect({ port: collector.ports().tcp ?? 0, host: HOST, allowHalfOpen: true });
  const ended = new Promise((resolve) => socket.once("end", resolve));
  socket.on("error", () => {}).resume();
  for (let n = 0; n < 500; n++) socket.write(`<13>1 2026-11-30T10:00:00Z web-1 app - - - ${n}\n`);
  await vi.waitFor(() => expect(collector.state().connections.open).toBe(1), { timeout: 60_000 });
  const stop = collector.close();
  await ended;
  socket.end("<13>1 2026-11-30T10:00:00Z web-1 app - - - last\n");
  await stop;
  expect(collector.state().stream).toMatchObject({ received: 501, unstored: 0, lost: 0 });
  expect(await counts()).toMatchObject({ activities: 501 });
});

test("TLS requires a certificate of the client CA, and a connection without one stores nothing", async () => {
  const files = (name: string) => path.join(folder, name);
  const collector = await open({
    COLLECT_TLS_PORT: "0",
    COLLECT_TLS_CERT: files("cert.pem"),
    COLLECT_TLS_KEY: files("key.pem"),
    COLLECT_TLS_CLIENT_CA: files("cert.pem"),
  });
  const target = { port: collector.ports().tls ?? 0, host: HOST, ca: TEST_CERTIFICATE, servername: "localhost" };
  await closed(connectTls(target).end("<13>1 - web-1 app - - - without\n").resume());
  await closed(
    connectTls({ ...target, cert: TEST_CERTIFICATE, key: TEST_KEY })
      .end("<13>1 - web-1 app - - - with\n")
      .resume(),
  );
  await settled(collector, 1);
  expect((await activities()).map(({ message }) => message)).toEqual(["with"]);
});

test("Connections from other networks and over the limit are refused, counted and reported", async () => {
  const closedOne = await open({ COLLECT_ALLOW: "192.0.2.0/24" });
  await send(closedOne, "<13>1 - web-1 app - - - refused\n");
  const limited = await open({ COLLECT_MAX_CONNECTIONS: "1" });
  const first = connect({ port: limited.ports().tcp ?? 0, host: HOST });
  await vi.waitFor(() => expect(limited.state().connections.open).toBe(1), { timeout: 60_000 });
  await send(limited, "<13>1 - web-1 app - - - refused\n");
  first.destroy();
  expect(closedOne.state().connections.refused).toMatchObject({ network: 1 });
  expect(limited.state().connections.refused).toMatchObject({ limit: 1 });
  expect(await counts()).toMatchObject({ activities: 0 });
  const { text } = await collectMetricsText(limited.state());
  expect(text).toContain('batch_console_collect_refused_connections_total{reason="limit"} 1');
  expect(text).toContain('batch_console_collect_listener_up{listener="tcp"} 1');
});

test("A port in use, a missing certificate and an unknown mapping stop the start with one line", async () => {
  const collector = await open();
  const port = String(collector.ports().tcp);
  await expect(open({ COLLECT_PORT: port })).rejects.toThrow(`Port ${port} on ${HOST} is in use.`);
  const tls = { COLLECT_TLS_PORT: "0", COLLECT_TLS_CERT: "/none", COLLECT_TLS_KEY: "/none" };
  await expect(open(tls)).rejects.toThrow('COLLECT_TLS_CERT is "/none", which cannot be read.');
  await expect(open({ COLLECT_MAP: "nothing" })).rejects.toThrow("nothing");
});
