import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provideContext } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";

type Handler = (request: Request, routed: { params: Promise<unknown> }) => Promise<Response>;

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((file) => path.basename(file) === "route.ts")
  .sort();

let test: TestContext;
beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
});
afterAll(() => test.close());

/** `queues/[name]/[action]/route.ts` -> `{name: "x", action: "x"}`. */
const paramsOf = (file: string) =>
  Object.fromEntries([...file.matchAll(/\[(\.\.\.)?(\w+)\]/g)].map(([, rest, name]) => [name, rest ? ["x"] : "x"]));

describe("every path of the REST interface", () => {
  it("is found on disk", () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
  });

  it.each(files)("%s rejects anonymous callers, with every method", async (file) => {
    const handlers: Record<string, Handler> = await import(path.join(import.meta.dirname, file));
    expect(Object.keys(handlers).sort()).toEqual(METHODS);
    const statuses = new Map<string, number>();
    for (const method of METHODS) {
      const handler = handlers[method];
      const request = new Request("http://127.0.0.1:3000/api/v1/x", {
        method,
        headers: { authorization: "Bearer lbk_unknown", cookie: "batch-console.session_token=forged.signature" },
      });
      const response = await handler?.(request, { params: Promise.resolve(paramsOf(file)) });
      statuses.set(method, response?.status ?? 0);
    }
    expect(statuses.get("OPTIONS")).toBe(204);
    statuses.delete("OPTIONS");
    const refused = [...statuses.values()].filter((status) => status === 401);
    const absent = [...statuses.values()].filter((status) => status === 405);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length + absent.length).toBe(statuses.size);
  });
});
