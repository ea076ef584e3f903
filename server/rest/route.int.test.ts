import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { ERROR_KINDS, type ErrorKind } from "@/server/catalog/errors";
import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import { type Context, provideContext } from "@/server/process/context";
import { createApiKey, createUser, handleAuth } from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { endpoint, noBody, none, route, unread } from ".";

const ORIGIN = "http://127.0.0.1:3000";
const PASSWORD = "correct horse battery";

let test: TestContext;
let key: string;
let cookie: string;
const logged: { level: string; facts: Record<string, unknown>; message: string }[] = [];

beforeAll(async () => {
  test = await createTestContext();
  const note = (level: string) => (facts: Record<string, unknown>, message: string) => {
    logged.push({ level, facts, message });
  };
  const log = Object.assign(Object.create(test.context.log) as Context["log"], {
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
  });
  provideContext({ ...test.context, log });
  key = (await createApiKey(test.context, { name: "operator", role: "operator" })).key;
  await createUser(test.context, { email: "admin@example.com", password: PASSWORD, role: "admin" });
  const signIn = new Request(`${ORIGIN}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN },
    body: JSON.stringify({ email: "admin@example.com", password: PASSWORD }),
  });
  cookie = (await handleAuth(test.context, signIn)).headers.get("set-cookie")?.split(";")[0] ?? "";
});
afterAll(() => test.close());

const withKey = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${key}`, ...headers });
const request = (query = "", init: RequestInit = {}) => new Request(`${ORIGIN}/api/x${query}`, init);

const things = route("/things", {
  GET: endpoint({
    summary: "Try.",
    permission: "read",
    params: none,
    query: z.strictObject({ size: z.coerce.number().int().max(10).optional() }),
    body: unread,
    answers: {},
    handle: async ({ query }) => ({ size: query.size ?? null }),
  }),
  POST: endpoint({
    summary: "Try.",
    permission: "ingest",
    params: none,
    query: none,
    body: z.strictObject({ items: z.array(z.object({ id: z.int() })) }),
    answers: {},
    handle: async ({ body }) => ({ count: body.items.length }),
  }),
  DELETE: endpoint({
    summary: "Try.",
    permission: "cleanup",
    params: none,
    query: none,
    body: noBody,
    answers: {},
    handle: async () => ({ gone: true }),
  }),
});

const failing = (thrown: unknown) =>
  route("/things", {
    GET: endpoint({
      summary: "Try.",
      permission: "read",
      params: none,
      query: none,
      body: unread,
      answers: {},
      handle: async () => {
        throw thrown;
      },
    }),
  });

describe("an error", () => {
  it.each(Object.keys(ERROR_KINDS) as ErrorKind[])("of the kind %s is problem+json with its status", async (kind) => {
    const errors = [{ path: "a.b", code: "input.min", params: { min: 3 } }];
    const error = new AppError("schedule.unknown", { task: "x" }, { kind, errors, retryAfter: 7 });
    const response = await failing(error).GET(request("", { headers: withKey() }));
    expect(response.status).toBe(ERROR_KINDS[kind].http);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("retry-after")).toBe("7");
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: ERROR_KINDS[kind].title,
      status: ERROR_KINDS[kind].http,
      code: "schedule.unknown",
      params: { task: "x" },
      detail: "Unknown scheduled task: x.",
      errors: [{ path: "a.b", message: "must be at least 3", code: "input.min", params: { min: 3 } }],
    });
  });

  it.each([
    [undefined, "en", "page: must be at least 1"],
    ["fr", "en", "page: must be at least 1"],
    ["zh-CN, en;q=0.5", "zh-CN", "page：不能小于 1"],
    ["zh", "zh-CN", "page：不能小于 1"],
  ])("is in the language that the caller accepts (%s), with the same code", async (accepted, language, detail) => {
    const error = invalidInput([fieldError("page", "input.min", { min: 1 })]);
    const headers = withKey(accepted === undefined ? {} : { "accept-language": accepted });
    const response = await failing(error).GET(request("", { headers }));
    expect(response.headers.get("content-language")).toBe(language);
    expect(await response.json()).toMatchObject({ code: "request.invalid", detail, errors: [{ code: "input.min" }] });
  });

  it("that is unexpected is logged with its request id, and its cause is not sent", async () => {
    logged.length = 0;
    const cause = new Error('relation "secret" does not exist at /srv/app/x.ts:1');
    const response = await failing(cause).GET(request("", { headers: withKey({ "x-request-id": "req-1" }) }));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/relation|secret|srv/);
    expect(response.headers.get("x-request-id")).toBe("req-1");
    expect(logged).toEqual([
      expect.objectContaining({ level: "error", facts: expect.objectContaining({ requestId: "req-1", err: cause }) }),
    ]);
  });

  it("caused by an unreachable database is 503 with Retry-After", async () => {
    const unreachable = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const response = await failing(unreachable).GET(request("", { headers: withKey() }));
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("the caller", () => {
  it("is refused with 401 without a key or a session", async () => {
    const response = await things.GET(request());
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("is refused with 401 for an invalid key, even with a valid cookie", async () => {
    const headers = { cookie, authorization: "Bearer lbk_nonsense" };
    expect((await things.GET(request("", { headers }))).status).toBe(401);
  });

  it("is refused with 403 if the role does not have the permission", async () => {
    expect((await things.DELETE(request("", { method: "DELETE", headers: withKey() }))).status).toBe(403);
  });

  it("can make changes by cookie from the dashboard, but not from another site", async () => {
    const remove = (headers: Record<string, string>) =>
      things.DELETE(request("", { method: "DELETE", headers: { cookie, ...headers } }));
    expect((await remove({ origin: ORIGIN })).status).toBe(200);
    expect((await remove({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await remove({ origin: "https://evil.example" })).status).toBe(403);
    expect((await remove({ "sec-fetch-site": "cross-site", origin: ORIGIN })).status).toBe(403);
    expect((await remove({})).status).toBe(403);
  });

  it("can read by cookie from any site, whose scripts cannot see the response", async () => {
    const headers = { cookie, origin: "https://evil.example" };
    const response = await things.GET(request("", { headers }));
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a query", () => {
  const problems = async (query: string) => {
    const response = await things.GET(request(query, { headers: withKey() }));
    return { status: response.status, errors: ((await response.json()) as { errors?: unknown }).errors };
  };

  it("with an unknown parameter is refused with 422 and the parameter's name", async () => {
    expect(await problems("?sise=3&x=1")).toMatchObject({
      status: 422,
      errors: [
        { path: "sise", message: "unknown field" },
        { path: "x", message: "unknown field" },
      ],
    });
  });

  it("with a repeated parameter is refused with 422", async () => {
    expect(await problems("?size=3&size=4")).toMatchObject({
      status: 422,
      errors: [{ path: "size", message: "specified more than once" }],
    });
  });

  it("with a value out of range is refused with 422", async () => {
    expect(await problems("?size=11")).toMatchObject({ status: 422, errors: [{ path: "size" }] });
  });
});

describe("a body", () => {
  const post = async (body: BodyInit | null, contentType = "application/json") => {
    const headers = withKey({ "content-type": contentType });
    return things.POST(request("", { method: "POST", headers, body }));
  };

  it("that is valid is accepted", async () => {
    expect(await (await post('{"items":[{"id":1}]}', "application/json; charset=utf-8")).json()).toEqual({ count: 1 });
  });

  it("that is not JSON is refused with 400", async () => {
    expect((await post('{"items":')).status).toBe(400);
    expect((await post("")).status).toBe(400);
    expect((await post(Uint8Array.of(0x22, 0xff, 0x22))).status).toBe(400);
  });

  it("of another media type is refused with 415", async () => {
    expect((await post("items=1", "application/x-www-form-urlencoded")).status).toBe(415);
    expect((await post('{"items":[]}', "text/plain")).status).toBe(415);
  });

  it("that is too large is refused with 413", async () => {
    expect((await post(`{"items":[],"x":"${"x".repeat(3_000_000)}"}`)).status).toBe(413);
  });

  it("with a field that is unknown or of the wrong type is refused with 422 and the field's path", async () => {
    const response = await post('{"items":[{"id":1},{"id":"2"}],"extra":true}');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({ path: "items.1.id" }),
        expect.objectContaining({ path: "extra", message: "unknown field" }),
      ]),
    });
  });
});

describe("an endpoint without a body", () => {
  const remove = async (body: BodyInit | null, contentType = "application/json") => {
    const headers = { cookie, origin: ORIGIN, "content-type": contentType };
    return things.DELETE(request("", { method: "DELETE", headers, body }));
  };

  it("accepts no body, an empty body or an empty object", async () => {
    for (const body of [null, "", "{}"]) expect((await remove(body)).status).toBe(200);
    expect((await remove("", "application/x-www-form-urlencoded")).status).toBe(200);
  });

  it("refuses a field with 422 and its name, and invalid JSON as other endpoints do", async () => {
    const response = await remove('{"x":1}');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "x", message: "unknown field" }] });
    expect((await remove("[]")).status).toBe(422);
    expect((await remove("{")).status).toBe(400);
    expect((await remove("x=1", "application/x-www-form-urlencoded")).status).toBe(415);
  });
});

describe("a method", () => {
  it("that a path does not support is refused with 405 and Allow", async () => {
    const response = await things.PUT(request("", { method: "PUT", headers: withKey() }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST, DELETE, HEAD, OPTIONS");
  });

  it("HEAD has the response of GET without the body", async () => {
    const response = await things.HEAD(request("", { method: "HEAD", headers: withKey() }));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/json/);
    expect(await response.text()).toBe("");
    expect((await things.HEAD(request("", { method: "HEAD" }))).status).toBe(401);
  });

  it("OPTIONS lists the allowed methods without permitting other sites", async () => {
    const response = await things.OPTIONS(request("", { method: "OPTIONS" }));
    expect(response.status).toBe(204);
    expect(response.headers.get("allow")).toContain("DELETE");
    expect(response.headers.get("access-control-allow-methods")).toBeNull();
  });
});
