import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { exploreQuery } from "@/server/services/explore/contract";
import { explorer } from "@/server/services/explore/explorer";
import { checkHealth } from "@/server/services/health";
import { listLogs } from "@/server/services/logs";
import { drain, setUpIntake, takeIn } from "@/server/testing/intake";
import { makeXdb, type XdbRange } from "@/server/testing/xdb";
import { insertAccessLogs } from "./insert";

const folder = await mkdtemp(path.join(tmpdir(), "batch-console-geolocation-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const RANGES: readonly XdbRange[] = [
  ["1.2.0.0/16", "中国|广东省|深圳市|电信|CN"],
  ["8.8.8.0/24", "United States|California|0|Google LLC|US"],
];
async function supply(ranges: readonly XdbRange[]): Promise<void> {
  await writeFile(path.join(folder, "new"), makeXdb(4, ranges));
  await rename(path.join(folder, "new"), path.join(folder, "ip2region_v4.xdb"));
  await ctx.geolocation?.problem();
}

let ctx: Context;
setUpIntake(
  (context) => {
    ctx = context;
  },
  { env: { GEOLOCATION: "true", GEOLOCATION_DIR: folder } },
);

const rows = (where = "true") =>
  ctx.db.sql.unsafe(`
    select host(ip_address) as ip, country, region, city, extra->>'provider' as provider, extra
    from access_logs where ${where} order by ip_address, request_path`);

const AT = "2026-11-30T10:00:00Z";
const event = (ip_address: string, more: object = {}) => ({ created_at: AT, ip_address, request_path: "/", ...more });
const json = (...events: object[]) => events.map((one) => JSON.stringify(one)).join("\n");
const shenzhen = { country: "中国", region: "广东省", city: "深圳市", provider: "电信" };
const none = { country: null, region: null, city: null, provider: null };

test("stores the place and the provider of each address, whichever way the event arrives", async () => {
  await supply(RANGES);
  const line = (ip: string) => `${ip} - - [30/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"`;
  await insertAccessLogs(ctx, [event("1.2.0.1")]);
  await takeIn(ctx, "access_logs", json(event("1.2.0.2")), { format: "ndjson" });
  await takeIn(ctx, "access_logs", json(event("1.2.0.3")), { format: "ndjson", mode: "queued" });
  await ctx.queue.push("access_logs", [JSON.stringify(event("1.2.0.4"))]);
  await drain(ctx, "access_logs");
  await takeIn(ctx, "access_logs", `${line("1.2.0.5")}\n`);
  await takeIn(ctx, "access_logs", `created_at,ip_address,request_path\n${AT},::ffff:1.2.0.6,/\n`);
  expect(await rows()).toMatchObject(
    [1, 2, 3, 4, 5]
      .map((last) => ({ ip: `1.2.0.${last}`, ...shenzhen }))
      .concat({
        ip: "::ffff:1.2.0.6",
        ...shenzhen,
      }),
  );
});

test("never changes what the producer sent, and invents no place for private and unknown addresses", async () => {
  await supply(RANGES);
  await insertAccessLogs(ctx, [
    event("1.2.0.1", { country: "France", provider: "Orange" }),
    event("1.2.0.2", { city: "珠海市", extra: { isp: "移动", provider_id: 7 } }),
    event("1.2.0.3", { country: "", order: 5 }),
    event("9.9.9.9"),
    event("10.0.0.1"),
  ]);
  expect(await rows()).toEqual([
    expect.objectContaining({ ip: "1.2.0.1", ...none, country: "France", provider: "Orange" }),
    { ip: "1.2.0.2", ...none, city: "珠海市", extra: { isp: "移动", provider_id: 7 } },
    { ip: "1.2.0.3", ...shenzhen, extra: { order: 5, provider: "电信" } },
    { ip: "9.9.9.9", ...none, extra: null },
    { ip: "10.0.0.1", ...none, extra: null },
  ]);
});

test("stores the events of a file once, also if the database changed before it is imported again", async () => {
  await supply(RANGES);
  const file = json(event("1.2.0.1"), event("8.8.8.8"), event("8.8.8.8"));
  const options = { format: "ndjson" } as const;
  expect(await takeIn(ctx, "access_logs", file, options)).toMatchObject({ inserted: 3, duplicates: 0 });
  const before = await rows();
  await supply([["1.2.0.0/16", "Japan|Tokyo|0|0|JP"]]);
  for (const mode of ["direct", "queued"] as const) {
    expect(await takeIn(ctx, "access_logs", file, { ...options, mode })).toMatchObject({ inserted: 0 });
    await drain(ctx, "access_logs");
    expect(await rows()).toEqual(before);
  }
});

test("filters and groups by places, also by the provider", async () => {
  await supply(RANGES);
  await insertAccessLogs(ctx, [event("1.2.0.1"), event("1.2.0.2"), event("8.8.8.8"), event("9.9.9.9")]);
  for (const filter of ["country:中国 city:深圳*", "extra.provider:电信"]) {
    const { items } = await listLogs(ctx, "access_logs", { filters: { filter } });
    expect(items).toHaveLength(2);
  }
  const admin = { kind: "api_key", id: "a", name: "a", role: "admin" } as const;
  for (const [field, groups] of [
    ["country", ["中国", 2, "United States", 1, null, 1]],
    ["extra.provider", ["电信", 2, "Google LLC", 1, null, 1]],
  ] as const) {
    const query = exploreQuery.parse({ table: "access_logs", measures: [{ fn: "count" }], group_by: [field] });
    const answer = await explorer(ctx, admin).query(query);
    expect(new Set(answer.rows.map((row) => row.join()))).toEqual(
      new Set([0, 2, 4].map((at) => groups.slice(at, at + 2).join())),
    );
  }
});

test("stores events without a place while the database is damaged, and health reports it", async () => {
  await writeFile(path.join(folder, "ip2region_v4.xdb"), "no database");
  const part = async () => (await checkHealth(ctx)).parts.geolocation;
  expect(await part()).toMatchObject({ state: "degraded", advice: { code: "health.geolocation_damaged" } });
  expect(await insertAccessLogs(ctx, [event("9.9.9.9")])).toMatchObject({ inserted: 1, rejected: 0 });
  await supply(RANGES);
  expect(await part()).toMatchObject({ state: "ok", advice: null });
});
