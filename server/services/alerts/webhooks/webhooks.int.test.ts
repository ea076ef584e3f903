import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WEBHOOK_FORMATS } from "@/server/catalog/webhook-formats";
import type { Context } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { type Receiver, startReceiver } from "@/server/testing/webhook-receiver";
import { deliverNotices } from "./deliver";
import { addWebhook, changeWebhook, listWebhooks, removeWebhook, testWebhook } from "./manage";
import { queueNotice } from "./queue-notice";

let opened: TestContext;
let ctx: Context;
let receiver: Receiver;

const admin = { kind: "user", id: "admin", name: "Admin", role: "admin" } as const;
const SECRET = "SEC-very-secret";
const notice = {
  rule: "queue_length",
  subject: "access_logs",
  severity: "warning",
  value: 10_001,
  threshold: 10_000,
  since: "2026-11-24T08:00:00.000000Z",
} as const;

beforeAll(async () => {
  receiver = await startReceiver();
  opened = await createTestContext({ env: { ALERT_WEBHOOK_ALLOW_PRIVATE: "true" } });
  ctx = opened.context;
});
afterAll(async () => {
  await opened?.close();
  await receiver.close();
});
beforeEach(async () => {
  await ctx.db.sql`truncate alerts, alert_deliveries, alert_webhooks cascade`;
  receiver.requests.length = 0;
  receiver.taken.length = 0;
  receiver.answer = { status: 200, body: '{"errcode":0,"code":0}' };
});

const add = (given: Partial<Parameters<typeof addWebhook>[1]> = {}, of = ctx) =>
  addWebhook(of, { name: "Team", url: receiver.url, format: "generic", secret: null, locale: "en", ...given }, admin);

async function queueAlert(): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const [alert] = await tx<{ id: string }[]>`
      insert into alerts (rule, severity, state, value, threshold, since, fired_at)
      values ('queue_length', 'warning', 'resolved', 1, 0, now(), now())
      returning id`;
    await queueNotice(tx, ctx, alert?.id ?? "", "firing", notice);
  });
}

const bodies = () => receiver.requests.map(({ body }) => JSON.parse(body) as Record<string, never>);

test.each(WEBHOOK_FORMATS)(
  "A message in the format of %s describes the alert in the webhook's language",
  async (format) => {
    for (const locale of ["en", "zh-CN"] as const) {
      receiver.requests.length = 0;
      const { id } = await add({ format, locale });
      await queueAlert();
      await deliverNotices(ctx);
      const [body] = bodies();
      const text = JSON.stringify(body);
      expect(text).toContain(
        locale === "en" ? "backlog of 10,001 events (threshold 10,000)" : "积压 10,001 个事件（阈值 10,000）",
      );
      expect(body).toMatchObject(
        {
          generic: { event: "firing", alert: { rule: "queue_length", subject: "access_logs", value: 10_001 } },
          slack: { text: expect.any(String) },
          dingtalk: { msgtype: "markdown", markdown: { title: expect.any(String), text: expect.any(String) } },
          feishu: { msg_type: "text", content: { text: expect.any(String) } },
          wecom: { msgtype: "markdown", markdown: { content: expect.any(String) } },
        }[format],
      );
      await removeWebhook(ctx, id, admin);
    }
  },
);

test.each(WEBHOOK_FORMATS)(
  "A receiver can identify a repeated message in the format of %s: after a rejection, or when another process takes over from a killed leader",
  async (format) => {
    await add({ format });
    await queueAlert();
    receiver.answer = { status: 500, body: "" };
    await deliverNotices(ctx);
    receiver.answer = { status: 200, body: '{"errcode":0,"code":0}' };
    await ctx.db.sql`update alert_deliveries set next_attempt_at = now()`;
    await deliverNotices(ctx);
    // Simulates a process that was killed between the response and recording it, one minute later.
    await ctx.db.sql`update alert_deliveries set delivered_at = null, next_attempt_at = now()`;
    await deliverNotices(ctx);
    const [delivery] = await ctx.db.sql<{ id: string }[]>`select id from alert_deliveries`;
    expect(receiver.requests.map(({ idempotencyKey }) => idempotencyKey)).toEqual(Array(3).fill(delivery?.id));
    if (format === "generic") expect(bodies().map(({ id }) => id)).toEqual(Array(3).fill(delivery?.id));

    await queueAlert();
    await deliverNotices(ctx);
    expect(new Set(receiver.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
  },
);

test("Messages are signed as each service verifies it", async () => {
  const ids = await Promise.all(
    (["generic", "dingtalk", "feishu"] as const).map((format) => add({ format, secret: SECRET })),
  );
  for (const { id } of ids) expect(await testWebhook(ctx, id, admin)).toEqual({ delivered: true, error: null });
  const [generic, dingtalk, feishu] = receiver.requests;
  const hmac = (key: string, text: string) => createHmac("sha256", key).update(text);
  expect(generic?.signature).toBe(`sha256=${hmac(SECRET, generic?.body ?? "").digest("hex")}`);
  const query = new URL(dingtalk?.path ?? "", receiver.url).searchParams;
  expect(query.get("token")).toBe("secret-token");
  expect(query.get("sign")).toBe(hmac(SECRET, `${query.get("timestamp")}\n${SECRET}`).digest("base64"));
  const { timestamp, sign } = JSON.parse(feishu?.body ?? "{}") as { timestamp: string; sign: string };
  expect(sign).toBe(hmac(`${timestamp}\n${SECRET}`, "").digest("base64"));
});

test("A failed message is retried with increasing delays, and then shown as delivered", async () => {
  await add();
  await queueAlert();
  const state = async () => {
    const [row] = await ctx.db.sql<{ attempts: number; wait: number | null; error: unknown }[]>`
      select attempts, round(extract(epoch from next_attempt_at - now()))::int as wait, error from alert_deliveries`;
    return row;
  };
  receiver.answer = { status: 500, body: "no" };
  const waits: (number | null | undefined)[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    await deliverNotices(ctx);
    expect(await state()).toMatchObject({
      attempts: attempt,
      error: { code: "webhook.status", params: { status: 500 } },
    });
    waits.push((await state())?.wait);
    // The retry is not due yet.
    await deliverNotices(ctx);
    expect(receiver.requests).toHaveLength(attempt);
    await ctx.db.sql`update alert_deliveries set next_attempt_at = now()`;
  }
  expect(waits).toEqual([5, 15, 60]);
  receiver.answer = { status: 200, body: "" };
  await deliverNotices(ctx);
  expect(await state()).toMatchObject({ attempts: 4, wait: null, error: null });
  expect(await listWebhooks(ctx)).toMatchObject([{ last: { delivered: true, waiting: false } }]);
});

test("The resolution of an alert is not sent before the alert: it waits", async () => {
  receiver.answer = { status: 500, body: "" };
  await add();
  await queueAlert();
  await deliverNotices(ctx);
  const [alert] = await ctx.db.sql<{ id: string }[]>`select id from alerts`;
  await ctx.db.sql.begin((tx) => queueNotice(tx, ctx, alert?.id ?? "", "resolved", notice));
  receiver.answer = { status: 200, body: "" };
  await deliverNotices(ctx);
  expect(receiver.taken).toEqual([]);
  await ctx.db.sql`update alert_deliveries set next_attempt_at = now()`;
  await deliverNotices(ctx);
  await deliverNotices(ctx);
  expect(receiver.taken.map(({ event }) => event)).toEqual(["firing", "resolved"]);
});

test.each([
  ["a port where nothing listens", () => "http://127.0.0.1:9/", { code: "webhook.refused", params: {} }],
  [
    "https to a server without it",
    () => receiver.url.replace("http:", "https:"),
    { code: "webhook.tls", params: { code: expect.any(String) } },
  ],
])("The reason why %s was not reached is a code that the interface can translate", async (_, url, error) => {
  const { id } = await add({ url: url() });
  const answer = await testWebhook(ctx, id, admin);
  expect(answer).toEqual({ delivered: false, error });
});

test("Pending messages of a disabled webhook are not sent", async () => {
  const { id } = await add();
  await queueAlert();
  await changeWebhook(ctx, id, { enabled: false }, admin);
  await deliverNotices(ctx);
  expect(receiver.requests).toEqual([]);
  expect(await listWebhooks(ctx)).toMatchObject([{ last: { delivered: false, waiting: false } }]);
});

test("A rejection in a response with status 200 is a failure", async () => {
  receiver.answer = { status: 200, body: '{"errcode":310000,"errmsg":"sign not match"}' };
  const { id } = await add({ format: "dingtalk" });
  expect(await testWebhook(ctx, id, admin)).toEqual({
    delivered: false,
    error: { code: "webhook.code", params: { code: "310000" } },
  });
});

test("A webhook's name, URL, format, language and secret can be changed separately", async () => {
  const { id } = await add({ secret: SECRET, url: "http://127.0.0.1:1/old?token=secret-token" });
  await changeWebhook(ctx, id, { name: "Night shift", locale: "zh-CN" }, admin);
  expect(await listWebhooks(ctx)).toMatchObject([{ name: "Night shift", host: "127.0.0.1:1", is_signed: true }]);
  await changeWebhook(ctx, id, { url: receiver.url }, admin);
  await testWebhook(ctx, id, admin);
  const [sent] = receiver.requests;
  expect(sent?.body).toContain("测试");
  expect(sent?.signature).toBe(
    `sha256=${createHmac("sha256", SECRET)
      .update(sent?.body ?? "")
      .digest("hex")}`,
  );

  await changeWebhook(ctx, id, { format: "slack" }, admin);
  expect(await listWebhooks(ctx)).toMatchObject([{ format: "slack", is_signed: false, enabled: true }]);
  await changeWebhook(ctx, id, { format: "dingtalk", secret: "SEC-very-new" }, admin);
  expect(await listWebhooks(ctx)).toMatchObject([{ format: "dingtalk", is_signed: true }]);
  await changeWebhook(ctx, id, { secret: null }, admin);
  expect(await listWebhooks(ctx)).toMatchObject([{ name: "Night shift", is_signed: false }]);

  await expect(changeWebhook(ctx, id, { url: "ftp://example.com" }, admin)).rejects.toMatchObject({
    kind: "UNPROCESSABLE",
  });
  const removed = changeWebhook(ctx, crypto.randomUUID(), { name: "x" }, admin);
  await expect(removed).rejects.toMatchObject({ kind: "NOT_FOUND" });
  const audit = await ctx.db.sql`select details from audit_log where action = 'webhook.change' order by created_at`;
  expect(audit).toContainEqual({ details: expect.objectContaining({ changed: ["url"], name: "Night shift" }) });
  expect(JSON.stringify(audit)).not.toMatch(/token|SEC-very/);
});

test("Lists of webhooks contain no secret, also when sending fails", async () => {
  const { id } = await add({ secret: SECRET });
  await add({ url: "http://127.0.0.1:1/hook?token=secret-token" });
  await queueAlert();
  await deliverNotices(ctx);
  await changeWebhook(ctx, id, { enabled: false }, admin);
  const shown = JSON.stringify(await listWebhooks(ctx));
  expect(shown).toContain("127.0.0.1");
  expect(shown).not.toContain("token");
  expect(shown).not.toContain(SECRET);
  const audit = await ctx.db.sql`select details from audit_log`;
  expect(JSON.stringify(audit)).not.toMatch(/token|SEC-very/);
});

describe("Unless private addresses are allowed", () => {
  const strict = () => ({
    ...ctx,
    config: { ...ctx.config, alerts: { ...ctx.config.alerts, webhookAllowPrivate: false } },
  });

  test.each([
    "http://127.0.0.1:80/",
    "http://localhost/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://%31%32%37.0.0.1/",
    "http://１２７。0。0。1/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[0:0:0:0:0:ffff:169.254.169.254]/",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://169.254.169.254/latest/meta-data",
    "http://192.168.1.1/",
    "ftp://example.com/",
    "https://user:password@example.com/",
    "nothing",
  ])("%s is rejected when it is added", async (url) => {
    await expect(add({ url }, strict())).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
  });

  test("a name that resolves to one is rejected when the connection is made", async () => {
    const { port } = new URL(receiver.url);
    const { id } = await add({ url: `http://127.0.0.1:${port}/` });
    expect(await testWebhook(strict(), id, admin)).toMatchObject({ delivered: false });
    // Simulates a name that had another address when it was added.
    await ctx.db.sql`update alert_webhooks set url = ${`http://localhost:${port}/`}`;
    const answer = await testWebhook(strict(), id, admin);
    expect(answer).toMatchObject({ delivered: false, error: { code: "webhook.private_address" } });
    expect(receiver.requests).toEqual([]);
  });

  test("a redirect is not followed", async () => {
    receiver.answer = { status: 302, body: "", headers: { Location: receiver.url } };
    const { id } = await add();
    expect(await testWebhook(ctx, id, admin)).toEqual({
      delivered: false,
      error: { code: "webhook.redirect", params: { status: 302 } },
    });
    expect(receiver.requests).toHaveLength(1);
  });
});
