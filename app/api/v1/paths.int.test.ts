import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { DELETE, GET, PATCH, POST, PUT } from "./[...path]/route";
import * as logs from "./batch-processing/[table]/route";
import * as replay from "./batch-processing/dead-letters/replay/route";
import * as deadLetters from "./batch-processing/dead-letters/route";
import * as status from "./batch-processing/queue-status/route";
import * as queueAction from "./batch-processing/queues/[name]/[action]/route";

type Handler = (request: Request, routed: { params: Promise<unknown> }) => Promise<Response>;

let test: TestContext;
const keys: Record<string, string> = {};

beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
  for (const role of ["viewer", "operator", "admin"] as const) {
    keys[role] = (await createApiKey(test.context, { name: role, role })).key;
  }
  await insertAccessLogs(
    test.context,
    Array.from({ length: 5 }, (_, i) => ({
      ip_address: `10.0.${i}.1`,
      request_path: `/api/v${i}`,
      status_code: 200 + i * 100,
      created_at: `2024-01-0${i + 1}T12:00:00Z`,
    })),
  );
});
afterAll(() => test.close());

interface Options {
  role?: string;
  method?: string;
  query?: string;
  params?: Record<string, unknown>;
  body?: unknown;
}

// The test reads responses field by field, like a client.
async function call(handler: Handler, { role = "admin", method = "GET", query = "", params = {}, body }: Options = {}) {
  const request = new Request(`http://127.0.0.1:3000/api/v1/x${query}`, {
    method,
    headers: { authorization: `Bearer ${keys[role]}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  const json: unknown = await response.json();
  return { status: response.status, type: response.headers.get("content-type"), json };
}

// Viewers cannot filter by masked columns.
const list = (query: string, table = "access-logs") => call(logs.GET, { role: "operator", query, params: { table } });

describe("GET /access-logs", () => {
  it("returns every row once in pages by cursor", async () => {
    const paths: string[] = [];
    for (let query = "?page_size=2"; query !== ""; ) {
      const { status, json } = await list(query);
      expect(status).toBe(200);
      const page = json as { items: { request_path: string }[]; next_cursor: string | null };
      paths.push(...page.items.map((item) => item.request_path));
      query = page.next_cursor === null ? "" : `?page_size=2&cursor=${page.next_cursor}`;
    }
    expect(paths).toEqual(["/api/v4", "/api/v3", "/api/v2", "/api/v1", "/api/v0"]);
  });

  it.each([
    ["?status_code=4xx,500", 2],
    ["?status_code=404", 0],
    ["?ip_address=10.0.1.0/24", 1],
    ["?ip_address=10.0.1.1", 1],
    ["?request_path=/api/v3", 1],
    ["?request_path=/api/*", 5],
    ["?start_date=2024-01-02T00:00:00Z&end_date=2024-01-03T12:00:00Z", 2],
    ["?sort=created_at&count=exact", 5],
  ])("filters by %s to %d rows", async (query, count) => {
    const { status, json } = await list(query);
    expect(status).toBe(200);
    expect((json as { items: unknown[] }).items).toHaveLength(count);
  });

  it.each([
    ["?page_size=1001", 422, "page_size"],
    ["?page_size=0", 422, "page_size"],
    ["?page=0", 422, "page"],
    ["?colour=red", 422, "colour"],
    ["?action=login", 422, "action"],
    ["?sort=id", 422, "sort"],
    ["?count=maybe", 422, "count"],
    ["?status_code=abc", 422, "status_code"],
    ["?status_code=404&status_code=500", 422, "status_code"],
    ["?ip_address=10.0.0.0/33", 422, "ip_address"],
    ["?min_response_time=-1", 422, "min_response_time"],
    ["?start_date=2024-02-30", 422, "start_date"],
    ["?cursor=AAAA", 400, "cursor"],
  ])("rejects %s with %d and names %s", async (query, code, field) => {
    const { status, type, json } = await list(query);
    expect(status).toBe(code);
    expect(type).toBe("application/problem+json");
    expect(json).toMatchObject({ status: code, errors: [{ path: field, message: expect.any(String) }] });
  });

  it("rejects a cursor used with other filters, or changed by a byte", async () => {
    const { json } = await list("?page_size=2");
    const { next_cursor: cursor } = json as { next_cursor: string };
    expect((await list(`?page_size=2&cursor=${cursor}&status_code=4xx`)).status).toBe(400);
    const changed = (cursor.startsWith("A") ? "B" : "A") + cursor.slice(1);
    expect((await list(`?page_size=2&cursor=${changed}`)).status).toBe(400);
    expect((await list(`?cursor=${cursor}`, "user-activities")).status).toBe(400);
  });

  it("returns 404 for an unknown table", async () => {
    expect((await list("", "nothing")).status).toBe(404);
  });
});

describe("queues", () => {
  it("are returned by queue-status in the contract's format", async () => {
    const { status: code, json } = await call(status.GET, { role: "viewer" });
    expect(code).toBe(200);
    expect(json).toMatchObject({
      status: expect.stringMatching(/^(healthy|degraded)$/),
      backend: "postgres",
      queues: { access_logs: { inserted_total: 5, paused: false }, user_activities: { inserted_total: 0 } },
      alerts: [],
    });
  });

  it("can be paused and resumed by an operator, not by a viewer", async () => {
    const pause = { method: "POST", params: { name: "access_logs", action: "pause" } };
    expect((await call(queueAction.POST, { ...pause, role: "viewer" })).status).toBe(403);
    expect(await call(queueAction.POST, { ...pause, role: "operator" })).toMatchObject({
      status: 200,
      json: { queue: "access_logs", paused: true },
    });
    expect((await call(status.GET)).json).toMatchObject({ queues: { access_logs: { paused: true } } });
    const resume = { method: "POST", params: { name: "access_logs", action: "resume" } };
    expect((await call(queueAction.POST, resume)).status).toBe(200);
    expect((await call(status.GET)).json).toMatchObject({ queues: { access_logs: { paused: false } } });
  });

  it.each([
    { name: "nothing", action: "pause" },
    { name: "access_logs", action: "drop" },
  ])("return 404 for $name/$action", async (params) => {
    expect((await call(queueAction.POST, { method: "POST", params })).status).toBe(404);
  });
});

describe("dead letters", () => {
  it("are listed with their groups, edited and replayed by an administrator, and discarded", async () => {
    await insertUserActivities(test.context, [{ user_id: "1" }, { user_id: "2" }, { action: "login" }]);
    const { json } = await call(deadLetters.GET, { role: "viewer", query: "?queue=user_activities&limit=2" });
    const page = json as { items: { id: string; error: string }[]; groups: { count: number }[]; next_cursor: string };
    expect(page.items).toHaveLength(2);
    expect(page.groups.map((group) => group.count)).toEqual([2, 1]);
    const rest = await call(deadLetters.GET, { query: `?queue=user_activities&limit=2&cursor=${page.next_cursor}` });
    expect(rest.json).toMatchObject({ items: [{}], next_cursor: null });

    const [first] = page.items;
    const edited = { ids: [first?.id], payload: { user_id: "1", action: "login" } };
    expect((await call(replay.POST, { role: "operator", method: "POST", body: edited })).status).toBe(403);
    expect(await call(replay.POST, { method: "POST", body: edited })).toMatchObject({
      status: 200,
      json: { replayed: 1, still_dead: 0 },
    });

    const [, second] = page.items;
    const ids = { ids: [second?.id] };
    expect((await call(deadLetters.DELETE, { role: "operator", method: "DELETE", body: ids })).status).toBe(403);
    expect(await call(deadLetters.DELETE, { method: "DELETE", body: ids })).toMatchObject({
      status: 200,
      json: { discarded: 1 },
    });
  });

  it("cannot be selected by an error with a NUL character, which returns 422", async () => {
    expect((await call(deadLetters.GET, { query: "?error=%00" })).status).toBe(422);
    const body = { queue: "access_logs", error: "\0" };
    expect((await call(deadLetters.DELETE, { method: "DELETE", body })).status).toBe(422);
    expect((await call(replay.POST, { method: "POST", body })).status).toBe(422);
  });

  it.each([
    {},
    { ids: [] },
    { ids: ["1"] },
    { queue: "access_logs" },
    { error: "x" },
    { ids: ["0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11"], queue: "access_logs", error: "x" },
    { queue: "nothing", error: "x" },
    { all: true },
  ])("are not discarded by %j", async (body) => {
    expect((await call(deadLetters.DELETE, { method: "DELETE", body })).status).toBe(422);
  });
});

describe("an unknown path", () => {
  it.each(Object.entries({ GET, POST, PUT, PATCH, DELETE }))(
    "returns 404 problem+json for %s",
    async (method, handler) => {
      const { status: code, type } = await call(handler, { method, params: { path: ["x"] } });
      expect([code, type]).toEqual([404, "application/problem+json"]);
    },
  );
});
