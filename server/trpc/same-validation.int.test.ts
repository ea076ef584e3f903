import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documentedPaths } from "@/app/api/v1/batch-processing/openapi.json/route-files";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { appRouter } from "./root";

const paths = await documentedPaths();
const NOWHERE = "0b0e7a52-6b0f-0b60-0a52-5d6c6b2f1c11";

let test: TestContext;
let authorization: string;

beforeAll(async () => {
  test = await createTestContext({ env: { DEFAULT_PAGE_SIZE: "7", MAX_PAGE_SIZE: "300" } });
  provideContext(test.context);
  authorization = `Bearer ${(await createApiKey(test.context, { name: "admin", role: "admin" })).key}`;
});
afterAll(() => test.close());

const caller = () =>
  appRouter.createCaller({
    app: test.context,
    headers: new Headers(),
    // An API key, because a session would also require an Origin header.
    principal: async () => ({ kind: "api_key", id: NOWHERE, name: "admin", role: "admin" }),
  });

type Caller = ReturnType<typeof caller>;

/** Returns whether tRPC rejects the value as invalid. A valid value may still not exist. */
async function isRefusedByTrpc(call: (trpc: Caller) => Promise<unknown>): Promise<boolean> {
  const code = await call(caller()).then(
    () => "OK",
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
  expect(["OK", "NOT_FOUND", "CONFLICT", "BAD_REQUEST", "UNPROCESSABLE_CONTENT"]).toContain(code);
  return code === "BAD_REQUEST" || code === "UNPROCESSABLE_CONTENT";
}

async function isRefusedByRest(method: string, path: string, body?: unknown): Promise<boolean> {
  const [at = "", query] = path.split("?");
  const headers = { authorization, "content-type": "application/json", prefer: "wait=0" };
  const { status, text } = await askRest(paths, { method, path: at, query, headers, body: JSON.stringify(body) });
  expect([200, 202, 400, 404, 409, 422]).toContain(status);
  // An invalid path parameter results in 404.
  return status === 400 || status === 422 || (status === 404 && text.includes("Path not found"));
}

interface Twins {
  readonly name: string;
  /** Sends the value as the interface does. */
  readonly trpc: (trpc: Caller, value: never) => Promise<unknown>;
  /** The same request over REST. */
  readonly rest: (value: never) => [method: string, path: string, body?: unknown];
  readonly refused: readonly unknown[];
  readonly taken: readonly unknown[];
}

const text = (value: unknown) => encodeURIComponent(String(value));
const limits = { refused: [0, -1, 1.5, 301, 1e21], taken: [1, 300] };
const ids = { refused: ["x", "", "1"], taken: [NOWHERE] };

const twins: Twins[] = [
  {
    name: "the month of archives",
    trpc: (trpc, month) => trpc.retention.archives({ month }),
    rest: (month) => ["GET", `/archives?month=${text(month)}`],
    refused: ["x", "", "2026", "2026-8", "2026-08-01", "' or 1=1", "２０２６-08"],
    taken: ["2026-08"],
  },
  {
    name: "the table of archives",
    trpc: (trpc, table) => trpc.retention.archives({ table }),
    rest: (table) => ["GET", `/archives?table=${text(table)}`],
    refused: ["x", "audit_log", "user_activity_logs", "__proto__"],
    taken: ["access_logs"],
  },
  {
    name: "the length of a list of archives",
    trpc: (trpc, limit) => trpc.retention.archives({ limit }),
    rest: (limit) => ["GET", `/archives?limit=${text(limit)}`],
    ...limits,
  },
  {
    name: "the length of a list of alerts",
    trpc: (trpc, limit) => trpc.alerts.list({ limit }),
    rest: (limit) => ["GET", `/alerts?limit=${text(limit)}`],
    ...limits,
  },
  {
    name: "the length of a list of jobs",
    trpc: (trpc, limit) => trpc.jobs.list({ limit }),
    rest: (limit) => ["GET", `/jobs?limit=${text(limit)}`],
    ...limits,
  },
  {
    name: "the length of a list of imports",
    trpc: (trpc, limit) => trpc.imports.list({ limit }),
    rest: (limit) => ["GET", `/imports?limit=${text(limit)}`],
    ...limits,
  },
  {
    name: "the length of a list of exports",
    trpc: (trpc, limit) => trpc.exports.list({ limit }),
    rest: (limit) => ["GET", `/exports?limit=${text(limit)}`],
    ...limits,
  },
  {
    name: "the length of a list of dead letters",
    trpc: (trpc, limit) => trpc.deadLetters.list({ limit }),
    rest: (limit) => ["GET", `/dead-letters?limit=${text(limit)}`],
    ...limits,
  },
  {
    name: "the length of a page of logs",
    trpc: (trpc, page_size) => trpc.logs.page({ table: "access_logs", page_size }),
    rest: (page_size) => ["GET", `/access-logs?page_size=${text(page_size)}`],
    ...limits,
  },
  {
    name: "the page of logs",
    trpc: (trpc, page) => trpc.logs.page({ table: "access_logs", page }),
    rest: (page) => ["GET", `/access-logs?page=${text(page)}`],
    refused: [0, -1, 0.5, 1e9, 1e10],
    taken: [1, 2],
  },
  {
    name: "the state of alerts",
    trpc: (trpc, state) => trpc.alerts.list({ state }),
    rest: (state) => ["GET", `/alerts?state=${text(state)}`],
    refused: ["x", "pending", ""],
    taken: ["open", "resolved"],
  },
  {
    name: "the id of an alert",
    trpc: (trpc, id) => trpc.alerts.acknowledge({ id }),
    rest: (id) => ["POST", `/alerts/${text(id)}/acknowledge`],
    ...ids,
  },
  {
    name: "the id of a job",
    trpc: (trpc, id) => trpc.jobs.get({ id }),
    rest: (id) => ["GET", `/jobs/${text(id)}`],
    ...ids,
  },
  {
    name: "the id of an import",
    trpc: (trpc, id) => trpc.imports.get({ id }),
    rest: (id) => ["GET", `/imports/${text(id)}`],
    refused: [0, -1, 1.5, 2_147_483_648],
    taken: [1, 2_147_483_647],
  },
  {
    name: "the id of a dead letter",
    trpc: (trpc, id) => trpc.deadLetters.read({ id }),
    rest: (id) => ["GET", `/dead-letters/${text(id)}`],
    ...ids,
  },
  {
    name: "which dead letters are discarded",
    trpc: (trpc, selection) => trpc.deadLetters.discard(selection),
    rest: (selection) => ["DELETE", "/dead-letters", selection],
    refused: [
      {},
      { ids: [] },
      { ids: ["x"] },
      { queue: "access_logs" },
      { error: "e" },
      { ids: [NOWHERE], error: "e" },
    ],
    taken: [{ ids: [NOWHERE] }, { queue: "access_logs", error: "e" }],
  },
  {
    name: "which dead letters are replayed, and as what",
    trpc: (trpc, input) => trpc.deadLetters.replay(input),
    rest: (input) => ["POST", "/dead-letters/replay", input],
    refused: [{}, { ids: ["x"] }, { queue: "access_logs" }, { ids: [NOWHERE], payload: 7 }],
    taken: [{ ids: [NOWHERE] }, { ids: [NOWHERE], payload: "{}" }, { ids: [NOWHERE], payload: { a: 1 } }],
  },
  {
    name: "the input of a restore",
    trpc: (trpc, input) => trpc.retention.restore(input),
    rest: ({ archive_id, ...input }: { archive_id: string }) => [
      "POST",
      `/archives/${text(archive_id)}/restore`,
      input,
    ],
    refused: [{ archive_id: "x" }, { archive_id: NOWHERE, month: "2026-08" }, { archive_id: NOWHERE, keep_until: 7 }],
    taken: [{ archive_id: NOWHERE }],
  },
  {
    name: "the id of an archive to verify",
    trpc: (trpc, id) => trpc.retention.verify({ id }),
    rest: (id) => ["POST", `/archives/${text(id)}/verify`],
    ...ids,
  },
  {
    name: "the input of a cleanup",
    trpc: (trpc, input) => trpc.retention.start(input),
    rest: (input) => ["POST", "/cleanup", input],
    refused: [
      {},
      { task_type: "audit_log", days_to_keep: 1 },
      { task_type: "exports", days_to_keep: -1 },
      { task_type: "exports", days_to_keep: 3651 },
      { task_type: "exports", days_to_keep: 90, colour: "red" },
    ],
    taken: [{ task_type: "exports", days_to_keep: 3650, dry_run: true }],
  },
  {
    name: "the input of an export preview",
    trpc: (trpc, input) => trpc.exports.preview(input),
    rest: (input) => ["POST", "/export/preview", input],
    refused: [
      { export_type: "audit_log", format: "csv" },
      { export_type: "access_logs", format: "pdf" },
      { export_type: "access_logs", format: "csv", columns: [] },
      { export_type: "access_logs", format: "csv", columns: ["colour"] },
      { export_type: "access_logs", format: "csv", max_rows: 0 },
      { export_type: "access_logs", format: "csv", start_date: "x" },
      { export_type: "access_logs", format: "csv", filters: { colour: "red" } },
    ],
    taken: [{ export_type: "access_logs", format: "csv", filters: { status_code: "5xx" } }],
  },
  {
    name: "the id of an export to delete",
    trpc: (trpc, id) => trpc.exports.remove({ id }),
    rest: (id) => ["DELETE", `/exports/${text(id)}`],
    ...ids,
  },
  {
    name: "the queue to resume",
    trpc: (trpc, queue) => trpc.queues.setPaused({ queue, paused: false }),
    rest: (queue) => ["POST", `/queues/${text(queue)}/resume`],
    refused: ["x", "user_activity_logs", "audit_log"],
    taken: ["access_logs"],
  },
  {
    name: "the scheduled task to run",
    trpc: (trpc, name) => trpc.schedules.run({ name }),
    rest: (name) => ["POST", `/scheduled-tasks/${text(name)}/run`],
    refused: ["x", "toString"],
    taken: ["health_check"],
  },
];

describe("tRPC and REST accept and reject the same values:", () => {
  it.each(twins)("$name", async ({ trpc, rest, refused, taken }) => {
    for (const value of [...refused, ...taken]) {
      const answers = {
        value,
        trpc: await isRefusedByTrpc((asking) => trpc(asking, value as never)),
        rest: await isRefusedByRest(...rest(value as never)),
      };
      const isRefused = refused.includes(value);
      expect(answers).toEqual({ value, trpc: isRefused, rest: isRefused });
    }
  });
});

it("A list without a page size has the configured size, in both", async () => {
  const rows = Array.from({ length: 9 }, (_, index) => ({ user_id: String(index), action: "a" }));
  await insertUserActivities(test.context, rows);
  const page = await caller().logs.page({ table: "user_activities" });
  const { text: answer } = await askRest(paths, {
    method: "GET",
    path: "/user-activities",
    headers: { authorization },
  });
  expect([page.items.length, JSON.parse(answer).items.length]).toEqual([7, 7]);
});

it("A row can be opened by any UUID from its producer", async () => {
  const id = "00000000-0000-0000-0000-0000000000a7";
  const created_at = "2026-11-01T00:00:00.000000Z";
  await insertUserActivities(test.context, [{ id, created_at, user_id: "1", action: "login" }]);
  expect(await caller().logs.row({ table: "user_activities", created_at, id })).toMatchObject({ id, action: "login" });
});
