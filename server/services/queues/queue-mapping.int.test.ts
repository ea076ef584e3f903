import { expect, it, vi } from "vitest";
import type { Context } from "@/server/process/context";
import { listDeadLetters } from "@/server/services/dead-letters";
import { ingest } from "@/server/services/intake";
import { saveMapping } from "@/server/services/mappings";
import { setUpContext } from "@/server/testing/context";
import { drainQueues } from "@/server/worker/drain";
import { getQueueMapping, peekQueue, previewQueueMapping, queueStatus, setQueueMapping } from ".";

const ADMIN = { kind: "user", id: "1", name: "admin", role: "admin" } as const;
const TIMED = `log_format timed '$remote_addr [$time_local] "$request" $status $request_time';`;
const LINE = '203.0.113.7 [30/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 0.012';

let ctx: Context;
setUpContext((opened) => {
  ctx = opened;
});

/** Stores what is queued. */
async function drain(): Promise<void> {
  const stop = new AbortController();
  const draining = drainQueues(ctx, { signal: stop.signal });
  await vi.waitFor(async () => expect(await ctx.queue.peek("access_logs", 1)).toEqual([]), { timeout: 60_000 });
  stop.abort();
  await draining;
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

it("reads what producers push in the format of the queue's mapping, and what the product queues by columns", async () => {
  await saveMapping(ctx, ADMIN, { name: "edge", table: "access_logs", expression: TIMED });
  await ctx.queue.push("access_logs", [`${LINE}\n`, "not a line"]);
  const [before] = (await peekQueue(ctx, ADMIN, "access_logs", 5)).items;
  expect(before).toMatchObject({ outcome: "dead_letter", error: { code: "event.not_json" } });
  const tried = await previewQueueMapping(ctx, ADMIN, "access_logs", "edge", 5);
  expect(tried.items).toMatchObject([
    { outcome: "row", row: { request_path: "/a", response_time: "12" } },
    { outcome: "dead_letter", row: null, error: { code: "event.not_in_format" } },
  ]);
  expect((await getQueueMapping(ctx, "access_logs")).versions).toEqual([]);

  expect(await setQueueMapping(ctx, ADMIN, "access_logs", "edge")).toMatchObject({
    mapping: "edge@1",
    expression: TIMED,
    versions: [{ version: 1, changed_by: "admin" }],
  });
  const own = '{"ip_address":"203.0.113.8","request_path":"/own"}';
  const options = { format: "ndjson", mode: "queued" } as const;
  await ingest(ctx, "access_logs", only(own), options);
  await ingest(ctx, "access_logs", only(`[${own.replace("/own", "/document")}]`), { ...options, format: "json" });
  await drain();
  const rows = await ctx.db.sql`
    select request_path, response_time, import_id is not null as imported from access_logs order by request_path`;
  expect(rows).toMatchObject([
    { request_path: "/a", response_time: 12, imported: false },
    { request_path: "/document", imported: false },
    { request_path: "/own", imported: true },
  ]);
  const { items } = await listDeadLetters(ctx, { limit: 10 });
  expect(items).toMatchObject([{ payload: "not a line", format: "log_line", mapping: TIMED, line: null }]);
  const { queues } = await queueStatus(ctx);
  expect(queues.access_logs).toMatchObject({ mapping: "edge@1", received_total: 4, inserted_total: 3, dead_total: 1 });
  expect(queues.user_activities.mapping).toBeNull();
});

it("keeps its version when the mapping is saved again, and the history of changes", async () => {
  await saveMapping(ctx, ADMIN, { name: "edge", table: "access_logs", expression: "$remote_addr $request_uri" });
  const pairs = "ip_address=client.ip,request_path=url";
  await setQueueMapping(ctx, ADMIN, "access_logs", pairs);
  await ctx.queue.push("access_logs", ['{"client":{"ip":"203.0.113.9"},"url":"/pairs"}']);
  await drain();
  expect(await ctx.db.sql`select host(ip_address) as ip from access_logs where request_path = '/pairs'`).toMatchObject([
    { ip: "203.0.113.9" },
  ]);
  expect(await setQueueMapping(ctx, ADMIN, "access_logs", null)).toMatchObject({
    mapping: null,
    versions: [
      { version: 3, mapping: null },
      { version: 2, mapping: pairs },
      { version: 1, mapping: "edge@1", expression: TIMED },
    ],
  });
  const audited = await ctx.db.sql`
    select details from audit_log where action = 'queue.change-mapping' order by created_at desc limit 1`;
  expect(audited).toMatchObject([{ details: { queue: "access_logs", mapping: null, before: pairs } }]);
});

it("is refused if it cannot read single events, is unknown, or is for the other table", async () => {
  const set = (map: string) => setQueueMapping(ctx, ADMIN, "access_logs", map);
  await expect(set("w3c")).rejects.toMatchObject({ code: "mapping.needs_header" });
  await expect(set("nothing")).rejects.toMatchObject({ code: "mapping.not_found" });
  await expect(set("$remote_addr$request")).rejects.toMatchObject({ code: "mapping.adjacent" });
  await expect(setQueueMapping(ctx, ADMIN, "user_activities", "edge")).rejects.toMatchObject({
    code: "mapping.wrong_table",
  });
});
