import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { provideContext } from "@/server/process/context";
import { openApiDocument } from "@/server/rest";
import { createApiKey } from "@/server/services/accounts";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { hostileRequests } from "@/server/testing/hostile";
import { askRest, makeResponseCheck, operationsOf } from "@/server/testing/rest";
import { documentedPaths } from "./route-files";

const paths = await documentedPaths();

const RUNS = 60;
/** These small requests take less than a hundredth of this. */
const HANG_MS = 20_000;

let test: TestContext;
let authorization: string;

beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
  authorization = `Bearer ${(await createApiKey(test.context, { name: "admin", role: "admin" })).key}`;
  await insertAccessLogs(test.context, [{ ip_address: "10.0.0.1", request_path: "/" }, { request_path: "/" }]);
});
afterAll(() => test.close());

const TIMEOUT_MS = 300_000;

it("For any request to any path, the response is documented, never a 500 and never a timeout", {
  timeout: TIMEOUT_MS,
}, async () => {
  let accepted = 0;
  const check = makeResponseCheck(openApiDocument(paths));
  const operations = operationsOf(paths);
  for (const operation of operations) {
    await fc.assert(
      fc.asyncProperty(hostileRequests(operation), async ({ path, query, headers, body }) => {
        const request = {
          method: operation.method,
          path,
          query,
          body,
          headers: { prefer: "wait=0", ...headers, authorization },
        };
        const stop = new AbortController();
        const answer = await Promise.race([
          askRest(paths, request),
          sleep(HANG_MS, undefined, { signal: stop.signal }).then(() => Promise.reject(new Error("no answer"))),
        ]).finally(() => stop.abort());
        expect(check(operation, answer)).toEqual([]);
        if (answer.status < 300) accepted++;
      }),
      { numRuns: RUNS },
    );
  }
  // With fewer, the random requests would not pass validation.
  expect(accepted).toBeGreaterThan((operations.length * RUNS) / 10);
});
