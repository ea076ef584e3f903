import { beforeAll, expect, it } from "vitest";
import { documentedPaths } from "@/app/api/v1/batch-processing/openapi.json/route-files";
import { type Context, type Principal, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { insertAccessLogs } from "@/server/services/intake";
import { setUpContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { changesAnswer, type ExploreInput, exploreAnswer, exploreQuery } from "./contract";
import { explorer } from "./explorer";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});
const principal = (role: Principal["role"]): Principal => ({ kind: "api_key", id: role, name: role, role });
const ask = (role: Principal["role"], query: Omit<ExploreInput, "table">) =>
  explorer(ctx, principal(role)).query(exploreQuery.parse({ table: "access_logs", ...query }));

beforeAll(async () => {
  provideContext(ctx);
  await insertAccessLogs(ctx, [
    { ip_address: "203.0.113.42", request_path: "/a?by=203.0.113.42", status_code: 500, price: 0.1 },
    { ip_address: "203.0.113.43", request_path: "/cases/17", status_code: 200, price: "1e40" },
    { ip_address: "203.0.113.43", request_path: "/cases/18", status_code: 404, price: 0.2 },
    { ip_address: "203.0.113.43", request_path: "/cases/19" },
  ]);
});

it("answers by REST with groups, others and totals that add up, from rows that no segment has", async () => {
  const { key } = await createApiKey(ctx, { name: "reader", role: "viewer" });
  const query: ExploreInput = {
    table: "access_logs",
    measures: [{ fn: "count" }, { fn: "error_rate" }],
    group_by: ["route"],
    limit: 1,
  };
  const answer = await askRest(await documentedPaths(), {
    method: "POST",
    path: "/query",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(query),
  });
  expect(exploreAnswer.parse(JSON.parse(answer.text))).toMatchObject({
    columns: [{ name: "route" }, { name: "count" }, { name: "error_rate" }],
    rows: [["/cases/:id", 3, 0]],
    others: [1, 1],
    totals: [4, 1 / 3],
    group_count: 2,
    rows_matched: 4,
  });
});

it("reports by REST what changed, and what is wrong with a question about it", async () => {
  const { key } = await createApiKey(ctx, { name: "changes", role: "viewer" });
  const paths = await documentedPaths();
  const window = { start: "2026-03-02T09:00:00Z", end: "2026-03-02T10:00:00Z" };
  const askChanges = async (body: object, authorization = `Bearer ${key}`) => {
    const headers = { authorization, "content-type": "application/json" };
    const request = { method: "POST", path: "/query/changes", headers, body: JSON.stringify(body) };
    const { status, text } = await askRest(paths, request);
    return { status, answer: JSON.parse(text) };
  };
  const table = "access_logs";
  const { status, answer } = await askChanges({ table, window });
  expect([status, changesAnswer.parse(answer)]).toMatchObject([
    200,
    { findings: [], rows_now: 0, baseline: { start: "2026-03-02T08:00:00.000000Z" } },
  ]);
  const reversed = { start: window.end, end: window.start };
  for (const [body, code, field] of [
    [{ table, window: reversed }, 422, "window.end"],
    [{ table, window, baseline: { start: "yesterday", end: window.end } }, 422, "baseline.start"],
    [{ table, window, filter: "status_code:(" }, 422, "filter"],
    [{ table: "users", window }, 422, "table"],
    [{ table, window, fields: ["route"] }, 422, "fields"],
    [{ table, window, filter: "ip_address:203.0.113.42" }, 403, "filter"],
  ] as const) {
    const refused = await askChanges(body);
    expect([refused.status, JSON.stringify(refused.answer)]).toEqual([code, expect.stringContaining(`"${field}"`)]);
  }
  expect((await askChanges({ table, window }, "Bearer unknown")).status).toBe(401);
});

it("does not reveal masked values to viewers", async () => {
  for (const query of [
    { group_by: ["ip_address"] },
    { group_by: ["ip_block"] },
    { group_by: ["extra.price"] },
    { group_by: ["is_bot"] },
    { measures: [{ fn: "distinct" as const, field: "ip_address" }] },
    { measures: [{ fn: "max" as const, field: "extra.price" }] },
    { filter: "ip_address:203.0.113.42" },
  ])
    await expect(ask("viewer", query)).rejects.toMatchObject({ code: "privacy.masked_filter" });
  const paths = await ask("viewer", { group_by: ["request_path"] });
  expect(JSON.stringify(paths)).not.toContain("203.0.113.42");
  expect(JSON.stringify(await ask("admin", { group_by: ["request_path"] }))).toContain("203.0.113.42");
});

it("refuses numbers that it cannot add exactly, and fields that a measure cannot use", async () => {
  await ctx.db.sql`update access_logs set extra = '{"price": 1e40}' where request_path = '/cases/17'`;
  const sum = { measures: [{ fn: "sum" as const, field: "extra.price" }] };
  await expect(ask("admin", sum)).rejects.toMatchObject({ code: "query.number_not_exact" });
  expect((await ask("admin", { ...sum, filter: "not request_path:/cases/17" })).totals).toEqual([0.3]);
  await expect(ask("admin", { measures: [{ fn: "sum", field: "request_path" }] })).rejects.toMatchObject({
    errors: [{ path: "measures.0.field", code: "input.not_number" }],
  });
  await expect(ask("admin", { group_by: ["id"], time_zone: "Mars" })).rejects.toMatchObject({
    errors: [{ path: "group_by.0" }, { path: "time_zone" }],
  });
});

it("shows that an answer was reused, and when its rows were read", async () => {
  const one = await ask("admin", { group_by: ["status_code"] });
  const other = await ask("admin", { group_by: ["status_code"] });
  expect([one.is_cached, other.is_cached]).toEqual([false, true]);
  expect(other).toEqual({ ...one, is_cached: true });
});

it("refuses a query that is expected to be slow until it is confirmed", async () => {
  await ctx.db.sql`
    update pg_class set reltuples = 1e10, relpages = 1 where relname ~ '^access_logs_' and relkind = 'r'`;
  const query = { measures: [{ fn: "max" as const, field: "status_code" }] };
  await expect(ask("admin", query)).rejects.toMatchObject({
    code: "query.expected_slow",
    params: { seconds: expect.any(Number) },
  });
  expect((await ask("admin", { ...query, allow_slow: true })).totals).toEqual([500]);
});
