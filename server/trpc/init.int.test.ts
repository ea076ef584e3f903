import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { appRouter } from "./root";

let test: TestContext;

beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());

async function get(path: string) {
  const req = new Request(`http://127.0.0.1/api/trpc/${path}`);
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    req,
    router: appRouter,
    createContext: () => ({
      ctx: test.context,
      headers: req.headers,
      principal: async () => ({ kind: "user", id: "u1", name: "someone", role: "viewer" }) as const,
    }),
  });
  return { status: response.status, body: await response.json() };
}

it("answers input that is no JSON with 400 and plain words", async () => {
  expect(await get("logs.page?input={bad")).toMatchObject({
    status: 400,
    body: { error: { message: "The request is not valid.", data: { httpStatus: 400, errors: [] } } },
  });
});

it("names what is wrong with input that does not fit", async () => {
  expect(await get(`logs.page?input=${encodeURIComponent('{"table":"nothing"}')}`)).toMatchObject({
    status: 400,
    body: { error: { data: { code: "BAD_REQUEST", errors: [{ path: "table" }] } } },
  });
});

it("answers a path that is no procedure with 404", async () => {
  expect(await get("logs.nothing")).toMatchObject({ status: 404, body: { error: { data: { code: "NOT_FOUND" } } } });
});
