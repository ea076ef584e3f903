import { afterAll, beforeAll, expect, it } from "vitest";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { GET as anyTrpc } from "../trpc/[trpc]/route";
import { GET as nowhere } from "../v1/[...path]/route";
import * as logs from "../v1/batch-processing/[table]/route";
import * as jobs from "../v1/batch-processing/jobs/[id]/route";
import { GET } from "./route";

let test: TestContext;
let authorization: string;

beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
  authorization = `Bearer ${(await createApiKey(test.context, { name: "viewer", role: "viewer" })).key}`;
});
afterAll(() => test.close());

async function labels(): Promise<string[]> {
  const response = await GET(new Request("http://127.0.0.1:3000/api/metrics", { headers: { authorization } }));
  const text = await response.text();
  return [
    ...new Set([...text.matchAll(/_count\{kind="(?:rest|trpc)",name="([^"]*)"/g)].map((match) => match[1] ?? "")),
  ];
}

it("No path, method or procedure name becomes a metric label, whether the caller waits, disconnects or signs in", async () => {
  await labels();
  const before = await labels();
  for (let at = 0; at < 100; at++) {
    const name = at % 3 === 0 ? `${at}`.padEnd(3_000, "x") : `made-up-${at}`;
    for (const headers of [new Headers(), new Headers({ authorization })]) {
      for (const signal of [new AbortController().signal, AbortSignal.abort()]) {
        const url = `http://127.0.0.1:3000/api/v1/batch-processing/${name}`;
        const request = () => new Request(url, { headers, signal });
        await logs.GET(request(), { params: Promise.resolve({ table: name }) });
        await jobs.GET(request(), { params: Promise.resolve({ id: name }) });
        await nowhere(request(), { params: Promise.resolve({ path: [name] }) });
        await logs.GET(new Request(url, { headers, signal, method: `X${at}` }), {
          params: Promise.resolve({ table: name }),
        });
      }
    }
    await anyTrpc(new Request(`http://127.0.0.1:3000/api/trpc/${name}.list?input={}`, { headers: { authorization } }));
  }
  expect(await labels()).toEqual(before);
});

it("Requests to any path of a route are recorded under the route's template", async () => {
  for (const table of ["access-logs", "user-activities", "access_logs"]) {
    const request = new Request(`http://127.0.0.1:3000/api/v1/batch-processing/${table}`, {
      headers: { authorization },
    });
    await logs.GET(request, { params: Promise.resolve({ table }) });
  }
  const noted = await labels();
  expect(noted.filter((name) => /table|logs|activities/.test(name))).toEqual(["GET /{table}"]);
});
