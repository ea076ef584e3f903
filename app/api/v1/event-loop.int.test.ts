import type { AnyRouter } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Principal, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { longestBlock } from "@/server/testing/event-loop";
import { askRest, operationsOf } from "@/server/testing/rest";
import { appRouter } from "@/server/trpc/root";
import { POST as authRoute } from "../auth/[...all]/route";
import { documentedPaths } from "./batch-processing/openapi.json/route-files";

const paths = await documentedPaths();

const ORIGIN = "http://127.0.0.1:3000";
/** Milliseconds. */
const MAX_BLOCKED_MS = 100;
/** Maximum bytes of a command, number of values, and characters of a header or URL. */
const BYTES = 2 * 1024 * 1024 - 100;
const VALUES = 11_900;
const HEADER = 15_000;
/** The first calls of code are slow, and a busy machine slows memory down. */
const ATTEMPTS = 5;
/** Milliseconds, on a busy machine. */
const TIMEOUT = 240_000;

const ADMIN: Principal = { kind: "user", id: "admin", name: "admin@example.com", role: "admin" };

const filled = (before: string, part: string, after: string) =>
  before + part.repeat(Math.floor((BYTES - before.length - after.length) / part.length)) + after;
const list = (before: string, value: string, after: string) =>
  `${before}${Array(VALUES).fill(value).join(",")}${after}`;
const named = (value: string) => Array.from({ length: VALUES }, (_, at) => `"k${at}":${value}`).join(",");

/** Bodies that are rejected by their shape, before any endpoint sees them. */
const SHAPES: Readonly<Record<string, string>> = {
  numbers: filled("[", "0,", "0]"),
  objects: filled("[", '{"a":1},', "0]"),
  levels: filled("", "[", ""),
};
const NAMES = { names: `{${named("0")}}` };
/** Bodies of maximum size with as many errors as possible in all fields of the endpoint. */
const FAULTS: Readonly<Record<string, string>> = {
  ...NAMES,
  escapes: filled('{"a":"', "\\u0000", '"}'),
  selection: list('{"selection":{"ids":[', '""', ']},"queue":"access_logs"}'),
  columns: list('{"export_type":"access_logs","format":"csv","columns":[', '""', "]}"),
  email: filled('{"email":"', "a@", '","password":"x","token":"x"}'),
};
const WITH_FILTERS = '{"export_type":"access_logs","format":"csv","table":"access_logs","filters":{';
/** Bodies for endpoints with filters. */
const FILTERS: Readonly<Record<string, string>> = {
  filters: `${WITH_FILTERS}${named('"x"')}}}`,
  numbers: `${WITH_FILTERS}${named("0")}}}`,
  search: filled(`${WITH_FILTERS}"status_code":"`, "4xx,", '"}}'),
  expression: filled(`${WITH_FILTERS}"filter":"`, "(", '"}}'),
  either: filled(`${WITH_FILTERS}"filter":"`, "action:a or ", '"}}'),
};

/** Values of all query parameters at once. */
const TEXTS = ["4xx,", "(", "a:1 or ", "%", " "];
const HEADERS: Readonly<Record<string, string>> = {
  range: `bytes=0${" ".repeat(HEADER)}x`,
  prefer: `wait${" ".repeat(HEADER)}x`,
  "if-match": '"'.repeat(HEADER),
  "if-none-match": "W/".repeat(HEADER / 2),
  "if-range": " ".repeat(HEADER),
  "if-modified-since": `Mon, ${"1 ".repeat(HEADER / 2)}x`,
  "content-type": `text/csv${";charset=".repeat(HEADER / 9)}`,
  "x-request-id": "a".repeat(HEADER),
  "x-forwarded-for": "1.2.3.4,".repeat(HEADER / 8),
  cookie: "batch-console.session_token=a; ".repeat(HEADER / 31),
};

let test: TestContext;
let authorization: string;

beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
  authorization = `Bearer ${(await createApiKey(test.context, { name: "admin", role: "admin" })).key}`;
});
afterAll(() => test.close());

type NamedCall = readonly [name: string, send: () => Promise<unknown>];

/** Returns the calls that block the event loop for longer than allowed in every attempt. */
async function slowCalls(calls: readonly NamedCall[]): Promise<string[]> {
  const slow: string[] = [];
  for (const [name, send] of calls) {
    let shortest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < ATTEMPTS && shortest > MAX_BLOCKED_MS; attempt++) {
      shortest = Math.min(shortest, await longestBlock(send));
    }
    if (shortest > MAX_BLOCKED_MS) slow.push(`${name}: ${Math.round(shortest)} ms`);
  }
  return slow;
}

it("No operation of the REST interface blocks the others, with any body, query and headers", {
  timeout: TIMEOUT,
}, async () => {
  const calls = operationsOf(paths).flatMap(({ method, path, parameters, requestBody }): NamedCall[] => {
    const place = path
      .replace("{table}", "access-logs")
      .replace("{action}", "pause")
      .replace(/\{\w+\}/g, "00000000-0000-4000-8000-000000000000");
    const send = (sent: { query?: string; headers?: Readonly<Record<string, string>>; body?: string }) => () =>
      askRest(paths, { method, path: place, ...sent, headers: { authorization, prefer: "wait=0", ...sent.headers } });
    const inQuery = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
    const takesJson = requestBody !== undefined && Object.keys(requestBody.content).join() === "application/json";
    const bodies = takesJson ? { ...FAULTS, ...(path.startsWith("/export") ? FILTERS : {}) } : {};
    const json = { "content-type": "application/json" };
    return [
      ...Object.entries(bodies).map(
        ([name, body]): NamedCall => [`${method} ${path} ${name}`, send({ headers: json, body })],
      ),
      ...(inQuery.length === 0 ? [] : TEXTS).map((text): NamedCall => {
        const value = encodeURIComponent(text.repeat(HEADER / inQuery.length / text.length));
        return [`${method} ${path} ?${text}`, send({ query: inQuery.map((name) => `${name}=${value}`).join("&") })];
      }),
      [`${method} ${path} headers`, send({ headers: HEADERS })],
    ];
  });
  const shapes = Object.entries(SHAPES).map(([name, body]): NamedCall => {
    const headers = { authorization, "content-type": "application/json" };
    return [name, () => askRest(paths, { method: "POST", path: "/cleanup", headers, body })];
  });
  expect(await slowCalls([...calls, ...shapes])).toEqual([]);
});

it("No tRPC procedure blocks others, alone or in a batch", { timeout: TIMEOUT }, async () => {
  const send =
    (path: string, body: string, query = "") =>
    async () => {
      const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
      const req = new Request(`${ORIGIN}/api/trpc/${path}${query}`, { method: "POST", headers, body });
      const response = await fetchRequestHandler({
        endpoint: "/api/trpc",
        req,
        router: appRouter,
        allowMethodOverride: true,
        createContext: () => ({ app: test.context, headers: req.headers, principal: async () => ADMIN }),
      });
      await response.text();
    };
  const router: AnyRouter = appRouter;
  const procedures = Object.entries<{ _def: { type: string } }>(router._def.procedures);
  const calls = procedures
    .filter(([, { _def }]) => _def.type !== "subscription")
    .flatMap(([path]) => {
      const takesFilters = path.startsWith("logs.") || path.startsWith("exports.");
      const more = takesFilters ? FILTERS : path.startsWith("deadLetters.") ? FAULTS : {};
      return Object.entries({ ...NAMES, ...more }).map(
        ([name, body]): NamedCall => [`${path} ${name}`, send(path, body)],
      );
    });
  const inputs = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [at, { ids: Array(900).fill("x") }]));
  const batch: NamedCall = ["batch", send(Array(20).fill("logs.page").join(","), JSON.stringify(inputs), "?batch=1")];
  expect(await slowCalls([...calls, batch])).toEqual([]);
});

it("Sign-in does not block others", { timeout: TIMEOUT }, async () => {
  const send =
    (path: string, body: string, more: Readonly<Record<string, string>> = {}) =>
    async () => {
      const headers = { ...more, "content-type": "application/json", origin: ORIGIN, "x-forwarded-for": "203.0.113.7" };
      await (await authRoute(new Request(`${ORIGIN}/api/auth${path}`, { method: "POST", headers, body }))).text();
    };
  const calls = ["/sign-in/email", "/password-link/look", "/password-link/use", "/sign-out"].flatMap(
    (path): NamedCall[] => [
      ...Object.entries({ ...SHAPES, ...FAULTS }).map(
        ([name, body]): NamedCall => [`${path} ${name}`, send(path, body)],
      ),
      [`${path} headers`, send(path, "{}", HEADERS)],
    ],
  );
  expect(await slowCalls(calls)).toEqual([]);
});
