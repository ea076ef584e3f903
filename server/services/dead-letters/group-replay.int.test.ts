import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { ingest, insertAccessLogs } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { changePrivacy } from "@/server/services/privacy";
import { setUpIntake } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import type { GroupReplay } from "./contract";
import { deadLetterReader } from "./dead-letter-reader";
import { listDeadLetters } from "./dead-letters";
import { deadLetterGroups } from "./groups";
import { previewReplay } from "./preview-replay";
import { runReplay } from "./run-replay";
import { startReplay } from "./start-replay";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const TIMED = `log_format timed '$remote_addr [$time_local] "$request" $status $request_time';`;

async function run(input: GroupReplay, signal = new AbortController().signal, onProgress = (_done: number) => {}) {
  const job = await startReplay(ctx, COMMAND_LINE, input);
  if (job.kind !== "replay_dead_letters") throw new Error("Another kind of job was started.");
  const { job_id: id, params } = job;
  const progress = ({ done }: { readonly done: number }) => onProgress(done);
  return await runReplay(ctx, { id, params, requestedBy: "test", attempt: 1, signal, fence: UNFENCED, progress });
}

async function onlyGroup() {
  const [group, ...others] = await deadLetterGroups(ctx, {});
  expect(others).toEqual([]);
  if (!group) throw new Error("There is no group.");
  return group;
}

const group = (
  error: GroupReplay["error"],
  changes: GroupReplay["changes"] = [],
  map?: string | null,
): GroupReplay => ({
  queue: "access_logs",
  error,
  map,
  changes,
});

it("A group is repaired by finding and replacing and a date format, after a preview, and its payloads remain until then", async () => {
  const event = (second: number) => ({
    client: { ip: "ip=203.0.113.7" },
    request_path: "/a",
    when: `30.11.2026 10:00:0${second}`,
  });
  await insertAccessLogs(ctx, [event(1), event(2), event(3)]);
  const { error } = await onlyGroup();
  const map = "ip_address=client.ip,created_at=when";
  const date = { change: "date", field: "when", format: "dd.MM.yyyy HH:mm:ss" } as const;
  const replace = { change: "replace", field: "client.ip", find: "ip=", replace: "" } as const;

  const tried = await previewReplay(ctx, { ...group(error, [date], map), limit: 2 });
  expect(tried).toMatchObject({
    total: 3,
    fields: ["client.ip", "request_path", "when"],
    items: [{ outcome: "dead_letter", row: null, error: { code: "event.not_address" } }, {}],
  });
  expect(await run(group(error, [date], map))).toMatchObject({ replayed: 0, still_dead: 3 });
  const { items } = await listDeadLetters(ctx, { limit: 10 });
  expect(items.map(({ payload, attempts }) => [JSON.parse(payload), attempts])).toEqual(
    expect.arrayContaining([1, 2, 3].map((second) => [event(second), 2])),
  );
  expect((await onlyGroup()).error).toEqual(error);

  const repaired = await previewReplay(ctx, { ...group(error, [date, replace], map), limit: 5 });
  expect(repaired.items[0]).toMatchObject({ outcome: "row", row: { ip_address: "203.0.113.7" } });
  expect(await run(group(error, [date, replace], map))).toEqual({
    replayed: 3,
    inserted: 3,
    duplicates: 0,
    dropped: 0,
    still_dead: 0,
  });
  const rows = await ctx.db.sql`select host(ip_address) as ip, created_at from access_logs order by created_at`;
  expect(rows[0]).toMatchObject({ ip: "203.0.113.7", created_at: expect.stringContaining("02:00:01") });
  expect(await intakeSums(ctx, "access_logs")).toMatchObject({ received_total: 3, inserted_total: 3, dead_total: 0 });
});

it("A job that was stopped continues where it was, and counts every dead letter once", async () => {
  const lines = Array.from(
    { length: 1_200 },
    (_, n) => `203.0.113.7 [30/Nov/2026:10:00:00 +0000] "GET /${n} X" 200 0.1`,
  );
  await ingest(ctx, "access_logs", Readable.from([Buffer.from(lines.join("\n"))]), {
    format: "combined",
    mode: "direct",
    fileName: "edge.log",
  }).catch(() => {});
  const { error, count, producers } = await onlyGroup();
  expect(producers).toEqual([{ source: "edge.log", requested_by: COMMAND_LINE.name, count: 200 }]);
  const input = group(error, [{ change: "replace", field: null, find: " X", replace: " HTTP/1.1" }], TIMED);
  const stop = new AbortController();
  await expect(run(input, stop.signal, (done) => done > 0 && stop.abort())).rejects.toMatchObject({
    result: { replayed: 500 },
  });
  expect(await run(input)).toMatchObject({ replayed: count, inserted: count, still_dead: 0 });
  expect(await ctx.db.sql`select from access_logs where response_time = 100`).toHaveLength(count);
});

it("A group has its first time and trend, and can be narrowed by a search, but not by those who see masked text", async () => {
  const event = (user: string) => ({ ip_address: "x", request_path: "/", user_id: user });
  await insertAccessLogs(ctx, [event("Anna"), event("Ben")]);
  const [first] = await ctx.db.sql<{ id: string }[]>`
    update dead_letters set first_seen_at = first_seen_at - interval '1 hour' where payload like '%Ben%' returning id`;
  const { trend, first_seen_at, last_seen_at } = await onlyGroup();
  expect(trend.slice(-2)).toEqual([1, 1]);
  expect(first_seen_at < last_seen_at).toBe(true);
  const search = { queue: "access_logs", search: "BEN" } as const;
  expect(await deadLetterGroups(ctx, search)).toMatchObject([{ count: 1, producers: [{ source: "api", count: 1 }] }]);
  expect((await listDeadLetters(ctx, { ...search, limit: 10 })).items.map(({ id }) => id)).toEqual([first?.id]);

  await changePrivacy(ctx, COMMAND_LINE, { masked_columns: ["ip_address"] });
  const reader = deadLetterReader(ctx, { kind: "user", id: "9", name: "v", role: "viewer" });
  await expect(reader.groups(search)).rejects.toMatchObject({ code: "privacy.masked_filter" });
  await expect(reader.list({ ...search, limit: 10 })).rejects.toMatchObject({ code: "privacy.masked_filter" });
  await changePrivacy(ctx, COMMAND_LINE, { masked_columns: [] });
});

it("A replacement that makes an event too long leaves it a dead letter", async () => {
  await insertAccessLogs(ctx, [{ ip_address: "x", request_path: "a".repeat(10_000) }]);
  const { error } = await onlyGroup();
  const change = { change: "replace", field: null, find: "a", replace: "b".repeat(1_000) } as const;
  expect((await previewReplay(ctx, { ...group(error, [change]), limit: 1 })).items).toMatchObject([
    { outcome: "dead_letter", error: { code: "event.event_too_long" } },
  ]);
});

it("A change of a field that is no path is refused, and named", async () => {
  const change = { change: "replace", field: "a..b", find: "a", replace: "b" } as const;
  const input = { ...group({ code: "event.missing", params: { field: "ip_address" } }, [change]), limit: 1 };
  await expect(previewReplay(ctx, input)).rejects.toMatchObject({
    errors: [{ path: "changes.0.field", code: "mapping.path", position: 2 }],
  });
});
