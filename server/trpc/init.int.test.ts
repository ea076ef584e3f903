import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GET, POST } from "@/app/api/trpc/[trpc]/route";
import { provideContext, type Role } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { appRouter } from "./root";

let test: TestContext;

beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());

function send(path: string, role: Role, init?: RequestInit): Promise<Response> {
  const req = new Request(`http://127.0.0.1/api/trpc/${path}`, init);
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req,
    router: appRouter,
    allowMethodOverride: true,
    createContext: () => ({
      app: test.context,
      headers: req.headers,
      principal: async () => ({ kind: "user", id: "u1", name: "someone", role }) as const,
    }),
  });
}

async function get(path: string) {
  const response = await send(path, "viewer");
  return { status: response.status, body: await response.json() };
}

const post = (path: string, body: string) =>
  send(path, "operator", { method: "POST", body, headers: { "content-type": "application/json" } });

it("responds to invalid JSON with 400 and a readable message", async () => {
  expect(await get("logs.page?input={bad")).toMatchObject({
    status: 400,
    body: { error: { message: "Invalid request.", data: { httpStatus: 400, errors: [] } } },
  });
});

it("reports each error of invalid input", async () => {
  expect(await get(`logs.page?input=${encodeURIComponent('{"table":"nothing"}')}`)).toMatchObject({
    status: 400,
    body: { error: { data: { code: "BAD_REQUEST", errors: [{ path: "table" }] } } },
  });
});

it("responds to an unknown procedure with 404", async () => {
  expect(await get("logs.nothing")).toMatchObject({ status: 404, body: { error: { data: { code: "NOT_FOUND" } } } });
});

it("accepts the beginning of a file up to 300,000 bytes for a preview, and names the field of a longer one", async () => {
  const preview = async (bytes: number) => {
    const sample = Buffer.alloc(bytes, '{"user_id":"1","action":"login"}\n').toString("base64");
    const response = await post("importPreview", JSON.stringify({ sample, isWhole: false }));
    return { status: response.status, body: await response.json() };
  };
  expect(await preview(300_000)).toMatchObject({ status: 200, body: { result: { data: { format: "ndjson" } } } });
  expect(await preview(300_001)).toMatchObject({ body: { error: { data: { errors: [{ path: "sample" }] } } } });
});

it("reads at most 2 MB of a request body", async () => {
  provideContext(test.context);
  const body = JSON.stringify({ sample: "A".repeat(2 * 1024 * 1024), isWhole: false });
  const headers = { "content-type": "application/json" };
  const response = await POST(
    new Request("http://127.0.0.1/api/trpc/importPreview", { method: "POST", body, headers }),
  );
  expect(response.status).toBe(413);
});

it("accepts at most 20 calls in one request, by GET and by POST", async () => {
  provideContext(test.context);
  const batch = async (calls: number, method: "GET" | "POST") => {
    const path = Array(calls).fill("me").join(",");
    const input = method === "GET" ? "&input={}" : "";
    const init = method === "GET" ? {} : { method, body: "{}", headers: { "content-type": "application/json" } };
    const response = await { GET, POST }[method](
      new Request(`http://127.0.0.1/api/trpc/${path}?batch=1${input}`, init),
    );
    return { status: response.status, text: await response.text() };
  };
  // The caller is anonymous, so each call of the batch fails.
  expect((await batch(20, "GET")).text.match(/UNAUTHORIZED/g)).toHaveLength(20);
  for (const method of ["GET", "POST"] as const) {
    for (const calls of [21, 800]) {
      const { status, text } = await batch(calls, method);
      expect([status, text.match(/BAD_REQUEST/g)?.length]).toEqual([400, 1]);
    }
  }
});

it.each([
  '{"table":"access_logs","__proto__":{"polluted":true}}',
  '{"table":"access_logs","constructor":{"prototype":{"polluted":true}}}',
  '{"table":"access_logs","filters":{"__proto__":{"polluted":true}}}',
  '{"table":"access_logs","filters":{"__proto__":"x","constructor":"y"}}',
  '{"table":"__proto__"}',
  '{"__proto__":{"table":"access_logs"}}',
])("takes nothing from a prototype, and gives nothing to one: %s", async (input) => {
  const batch = `{"0":${input},"1":${input},"__proto__":{"polluted":true}}`;
  for (const path of [
    `logs.page?input=${encodeURIComponent(input)}`,
    `logs.page,logs.page?batch=1&input=${encodeURIComponent(batch)}`,
  ]) {
    const { status, body } = await get(path);
    expect([200, 400, 422], JSON.stringify(body)).toContain(status);
    expect(JSON.stringify(body)).not.toContain("polluted");
  }
  expect("polluted" in {}).toBe(false);
});

it.each(["__proto__", "constructor.prototype", "logs.__proto__", "logs.constructor", "_def.procedures"])(
  "has no procedure at %s",
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);
