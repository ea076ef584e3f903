import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, it, vi } from "vitest";
import type { LogTableName } from "@/server/catalog";
import { connectDatabase } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { listDeadLetters, replayDeadLetters } from "@/server/services/dead-letters";
import { listImports } from "@/server/services/imports";
import { ingest, insertAccessLogs, storeClaim } from "@/server/services/intake";
import { setUpContext } from "@/server/testing/context";
import { intakeSums } from "@/server/testing/intake-sums";
import { listRules, saveRules, testRule } from ".";
import { type IntakeRule, ruleSetChange } from "./contract";

const ADMIN = { kind: "user", id: "1", name: "admin", role: "admin" } as const;
const MARK = "[redacted]";

let ctx: Context;
setUpContext((opened) => {
  ctx = opened;
});

const event = (n: number, path: string, fields: object = {}) => ({
  created_at: new Date(Date.now() - 60_000 - n).toISOString(),
  ip_address: "203.0.113.7",
  request_path: path,
  ...fields,
});
const drop = (filter: string, name = "Health checks"): IntakeRule => ({
  id: randomUUID(),
  name,
  enabled: true,
  action: "drop",
  filter,
});

async function use(rules: IntakeRule[], table: LogTableName = "access_logs"): Promise<void> {
  const { items } = await listRules(ctx);
  const version = items.find((set) => set.table === table)?.version ?? 0;
  await saveRules(ctx, ADMIN, { table, ...ruleSetChange.parse({ version, rules }) });
}

/** Empties the tables, so that each promise starts from nothing. */
async function start(): Promise<void> {
  await ctx.db.sql`truncate access_logs, user_activity_logs, dead_letters, intake_counters, imports cascade`;
}

async function* bytes(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const lines = (events: readonly object[]) => events.map((one) => JSON.stringify(one)).join("\n");
const paths = async () =>
  (await ctx.db.sql<{ request_path: string }[]>`select request_path from access_logs order by 1`).map(
    (row) => row.request_path,
  );

async function drain(): Promise<void> {
  const limits = { events: 1_000, bytes: 1_000_000 };
  while (
    (await ctx.queue.consume("access_logs", limits, (claim, tx) => storeClaim(ctx, "access_logs", claim, tx))) > 0
  );
}

it("drops what a rule names on every way in, and counts it", async () => {
  await start();
  await use([drop("request_path:/health* user_agent:*kube*")]);
  const probe = { user_agent: "kube-probe/1.29" };
  const events = [event(1, "/a"), event(2, "/healthz", probe), event(3, "/health", { user_agent: "curl/8" }), {}];

  const direct = await ingest(ctx, "access_logs", bytes(gzipSync(lines(events))), {
    format: "ndjson",
    mode: "direct",
    fileName: "a.ndjson",
  });
  expect(direct).toMatchObject({ received: 4, inserted: 2, duplicates: 0, rejected: 1, dropped: 1 });
  expect((await listImports(ctx, { limit: 1 })).items[0]).toMatchObject({ received: 4, inserted: 2, dropped: 1 });

  const queued = await ingest(ctx, "access_logs", bytes(lines(events)), { format: "ndjson", mode: "queued" });
  expect(queued).toMatchObject({ received: 4, queued: 2, rejected: 1, dropped: 1 });
  expect(await insertAccessLogs(ctx, events)).toMatchObject({ received: 4, duplicates: 2, rejected: 1, dropped: 1 });
  // A producer that writes to the queue itself.
  await ctx.queue.push("access_logs", [JSON.stringify(event(9, "/healthz", probe)), JSON.stringify(event(10, "/b"))]);
  await drain();

  expect(await paths()).toEqual(["/a", "/b", "/health"]);
  expect(await intakeSums(ctx, "access_logs")).toEqual({
    received_total: 14,
    inserted_total: 3,
    duplicates_total: 4,
    dead_total: 3,
    dropped_total: 4,
  });
});

it("keeps the same share of events when they are sent again", async () => {
  await start();
  await use([{ id: randomUUID(), name: "A quarter", enabled: true, action: "sample", filter: null, share: 25 }]);
  const text = lines(Array.from({ length: 400 }, (_, n) => event(n, `/${n}`)));
  const send = () => ingest(ctx, "access_logs", bytes(text), { format: "ndjson", mode: "direct" });
  const first = await send();
  expect(first.inserted + first.dropped).toBe(400);
  expect(first.inserted).toBeGreaterThan(60);
  expect(first.inserted).toBeLessThan(140);
  expect(await send()).toMatchObject({ inserted: 0, duplicates: first.inserted, dropped: first.dropped });
});

it("removes personal data before rows, dead letters and the queue are written, and recognises events sent again", async () => {
  await start();
  const text = lines([
    event(1, "/sms?phone=13812345678", { referer: "https://a.cn/?token=abc", extra: { id: "11010519491231002X" } }),
    { request_path: "/x", phone: 13812345678, password: "hunter2" },
  ]);
  const csv = `ip_address,request_path\n13812345678,/a\n`;
  const send = (mode: "direct" | "queued" = "direct") =>
    ingest(ctx, "access_logs", bytes(text), { format: "ndjson", mode });
  await use([]);
  expect(await send()).toMatchObject({ inserted: 1, rejected: 1 });
  await use([
    {
      id: randomUUID(),
      name: "Personal data",
      enabled: true,
      action: "redact",
      filter: null,
      columns: ["request_path", "referer", "extra"],
      kinds: ["identity_card", "mobile_phone", "token"],
      patterns: [],
    },
    drop(`request_path:"/sms?phone=${MARK}" status_code:5xx`, "After redaction"),
  ]);
  // Stored before the rule: a duplicate, also with it.
  expect(await send()).toMatchObject({ inserted: 0, duplicates: 1, rejected: 1 });
  await start();
  expect(await send("queued")).toMatchObject({ queued: 1, rejected: 1 });
  const queued = await ctx.db.sql<{ payload: string }[]>`select payload from log_queue`;
  expect(JSON.stringify(queued)).not.toMatch(/13812345678|token=abc|11010519491231002X/);
  await drain();
  expect(await send()).toMatchObject({ inserted: 0, duplicates: 1, rejected: 1 });
  await ingest(ctx, "access_logs", bytes(csv), { format: "csv", mode: "direct" });

  const rows = await ctx.db.sql`select request_path, referer, extra from access_logs`;
  expect(rows).toEqual([
    { request_path: `/sms?phone=${MARK}`, referer: `https://a.cn/?token=${MARK}`, extra: { id: MARK } },
  ]);
  const letters = (await listDeadLetters(ctx, { limit: 10 })).items.map(({ payload }) => payload).sort();
  expect(letters).toEqual([`${MARK},/a`, JSON.stringify({ request_path: "/x", phone: MARK, password: MARK })]);
  await ctx.db.sql`update dead_letters set payload = ${lines([event(5, `/sms?phone=${MARK}`, { status: 500 })])}`;
  const ids = (await listDeadLetters(ctx, { limit: 10 })).items.map(({ id }) => id);
  expect(await replayDeadLetters(ctx, { ids }, ADMIN)).toMatchObject({ replayed: 2, inserted: 0, dropped: 2 });
  await intakeSums(ctx, "access_logs");
});

it("reaches other processes within seconds, without a restart", async () => {
  await start();
  await use([]);
  const other = { ...ctx, db: connectDatabase(ctx.db.url, { applicationName: "other process", max: 4 }) };
  try {
    expect(await insertAccessLogs(other, [event(1, "/first")])).toMatchObject({ inserted: 1 });
    await use([drop("request_path:/first*")]);
    let n = 2;
    await vi.waitFor(
      async () => expect(await insertAccessLogs(other, [event(n++, "/first")])).toMatchObject({ dropped: 1 }),
      {
        timeout: 60_000,
        interval: 100,
      },
    );
  } finally {
    await other.db.close();
  }
});

it("is tested on the rows of the last hour without changing them", async () => {
  await start();
  await use([]);
  await insertAccessLogs(ctx, [
    ...Array.from({ length: 30 }, (_, n) => event(n, n % 3 === 0 ? "/health" : `/p?phone=1381234${1_000 + n}`)),
    event(31, "/old", { created_at: new Date(Date.now() - 7_200_000).toISOString() }),
  ]);
  const dropping = await testRule(ctx, { table: "access_logs", rule: drop("request_path:/health") });
  expect(dropping).toMatchObject({ tested: 30, is_complete: true, matched: 10, affected: 10 });
  expect(dropping.examples[0]).toMatchObject({ values: { request_path: "/health", user_id: null }, changes: [] });
  expect(await testRule(ctx, { table: "access_logs", rule: drop("user_id:null") })).toMatchObject({ affected: 30 });
  const rule = { id: randomUUID(), name: "Phones", enabled: false, action: "redact", filter: null } as const;
  const redacting = await testRule(ctx, {
    table: "access_logs",
    rule: { ...rule, columns: ["request_path", "extra"], kinds: ["mobile_phone"], patterns: ["ORD-\\d+"] },
  });
  expect(redacting).toMatchObject({ tested: 30, matched: 30, affected: 20 });
  expect(redacting.examples[0]?.changes).toEqual([
    { column: "request_path", before: "/p?phone=13812341001", after: `/p?phone=${MARK}` },
  ]);
  expect((await paths()).filter((path) => path.includes("1381234"))).toHaveLength(20);
});

it("is refused if it is invalid or was changed by someone else, and is recorded with what it was before", async () => {
  await use([drop("request_path:/a")]);
  const version = (await listRules(ctx)).items[0]?.version ?? 0;
  const table = "access_logs";
  const save = (rules: IntakeRule[], of = version) => saveRules(ctx, ADMIN, { table, version: of, rules });
  const redact = { id: randomUUID(), name: "R", enabled: true, action: "redact", filter: null } as const;
  for (const [rule, path, code] of [
    [drop("colour:red"), "rules.0.filter", "input.filter_field"],
    [{ ...redact, columns: ["ip_address"], kinds: ["email"], patterns: [] }, "rules.0.columns", "input.one_of"],
    [{ ...redact, columns: ["referer"], kinds: [], patterns: [] }, "rules.0.kinds", "input.missing"],
    [{ ...redact, columns: ["referer"], kinds: [], patterns: ["("] }, "rules.0.patterns.0", "input.expression"],
  ] satisfies [IntakeRule, string, string][]) {
    await expect(save([rule])).rejects.toMatchObject({ kind: "UNPROCESSABLE", errors: [{ path, code }] });
  }
  await expect(save([], version - 1)).rejects.toMatchObject({ kind: "CONFLICT", code: "intake_rules.changed" });
  await save([]);
  const [entry] = await ctx.db.sql<{ details: unknown }[]>`
    select details from audit_log where action = 'intake-rules.change' order by created_at desc limit 1`;
  expect(entry?.details).toMatchObject({ table, before: [{ filter: "request_path:/a" }], after: [] });
});
