import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { insertAccessLogs } from "@/server/services/intake";
import { runJobs } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { jobHandlers } from "@/server/worker/jobs";
import { GET as rows } from "../[table]/route";
import { GET as download } from "../archives/[id]/download/route";
import { POST as restore } from "../archives/[id]/restore/route";
import { POST as verify } from "../archives/[id]/verify/route";
import { GET as archives } from "../archives/route";
import { POST as cleanup } from "./route";

type Handler = (request: Request, routed: { params: Promise<unknown> }) => Promise<Response>;
type Role = "viewer" | "operator" | "admin";

let opened: TestContext;
let dataDir: string;
const keys = new Map<Role, string>();

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-rest-"));
  opened = await createTestContext({ env: { DATA_DIR: dataDir } });
  provideContext(opened.context);
  for (const role of ["viewer", "operator", "admin"] as const) {
    keys.set(role, (await createApiKey(opened.context, { name: role, role })).key);
  }
});
afterAll(async () => {
  await opened?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Runs `work` with a complete worker. */
async function withWorker<T>(work: () => Promise<T>): Promise<T> {
  const control = new AbortController();
  const running = runJobs(opened.context, jobHandlers, { signal: control.signal });
  try {
    return await work();
  } finally {
    control.abort();
    await running;
  }
}

interface CallOptions {
  readonly role?: Role;
  readonly body?: unknown;
  readonly params?: Record<string, string>;
  readonly prefer?: string;
}

async function call(handler: Handler, { role = "admin", body, params = {}, prefer = "wait=60" }: CallOptions = {}) {
  const request = new Request("http://127.0.0.1:3000/api/v1/x", {
    method: handler === archives || handler === download ? "GET" : "POST",
    headers: { authorization: `Bearer ${keys.get(role)}`, "content-type": "application/json", prefer },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  return { status: response.status, body: await response.json() };
}

const cleanupRequest = (changes: Record<string, unknown>) => ({
  body: { task_type: "access_logs", days_to_keep: 90, ...changes },
});

const OLD = "2020-05-06T07:08:09.123456Z";
const insertOld = () =>
  insertAccessLogs(opened.context, [{ ip_address: "203.0.113.7", request_path: "/old", created_at: OLD }]);

test("rows that are cleaned up are archived, listed, verified and restored", async () => {
  await insertOld();
  await withWorker(async () => {
    expect(await call(cleanup, cleanupRequest({ dry_run: true }))).toMatchObject({
      status: 200,
      body: { kind: "cleanup", status: "completed", result: { matched_count: 1, deleted_count: 0, dry_run: true } },
    });
    const done = await call(cleanup, cleanupRequest({}));
    expect(done).toMatchObject({
      status: 200,
      body: {
        status: "completed",
        result: { deleted_count: 1, archived_count: 1, archive_files: [expect.any(String)] },
      },
    });
    const listed = await call(archives, { role: "viewer" });
    expect(listed.body.items).toMatchObject([
      {
        table: "access_logs",
        month: "2020-05",
        rows: 1,
        first_time: OLD,
        last_time: OLD,
        restored: [],
        problem: null,
        format: "parquet",
        searchable: true,
      },
    ]);
    const params = { id: listed.body.items[0].id };
    expect(await call(verify, { params })).toMatchObject({ status: 200, body: { ok: true, rows: 1 } });
    const verified = await opened.context.db.sql`
      select actor_name, result, details from audit_log where action = 'archive.verify'`;
    expect(verified).toMatchObject([
      { actor_name: "admin", result: "ok", details: { archive_id: params.id, problem: null } },
    ]);
    const file = await download(
      new Request("http://127.0.0.1:3000/x", { headers: { authorization: `Bearer ${keys.get("admin")}` } }),
      { params: Promise.resolve(params) },
    );
    expect(file.headers.get("content-disposition")).toContain("access_logs-2020-05-");
    expect(file.headers.get("content-type")).toBe("application/vnd.apache.parquet");
    expect(Buffer.from(await file.arrayBuffer()).toString("latin1")).toMatch(/^PAR1.*\/old.*PAR1$/s);
    const listRows = async (search: string) => {
      const response = await rows(
        new Request(`http://127.0.0.1:3000/api/v1/batch-processing/access-logs?${search}`, {
          headers: { authorization: `Bearer ${keys.get("viewer")}` },
        }),
        { params: Promise.resolve({ table: "access-logs" }) },
      );
      return { status: response.status, body: await response.json() };
    };
    expect(await listRows("end_date=2021-01-01")).toMatchObject({ status: 200, body: { items: [], total: 0 } });
    expect(await listRows("end_date=2021-01-01&include_archived=true&count=exact")).toMatchObject({
      status: 200,
      body: { items: [{ request_path: "/old", created_at: OLD, archived: true }], total: 1, total_is_exact: true },
    });
    expect(await listRows("include_archived=maybe")).toMatchObject({ status: 422 });
    const body = { keep_until: "2099-01-01" };
    expect(await call(restore, { params, body })).toMatchObject({
      status: 200,
      body: {
        kind: "restore",
        status: "completed",
        params: { table: "access_logs", month: "2020-05" },
        progress: { done: 1, total: 1 },
        result: { matched_count: 1, restored_count: 1, present_count: 0, different_count: 0 },
      },
    });
    // A row corrected in place is neither overwritten nor counted as equal.
    await opened.context.db.sql`update access_logs set request_path = '/corrected' where created_at = ${OLD}`;
    expect(await call(restore, { params, body })).toMatchObject({
      body: { result: { matched_count: 1, restored_count: 0, present_count: 0, different_count: 1 } },
    });
    await opened.context.db.sql`update access_logs set request_path = '/old' where created_at = ${OLD}`;
    expect(await call(restore, { params, body: { ...body, table: "user_activities" } })).toMatchObject({ status: 422 });
    expect((await call(archives)).body.items).toMatchObject([{ restored: [{ from: OLD, by: "admin" }] }]);
  });
});

test.each([
  [{ days_to_keep: -1 }, "days_to_keep"],
  [{ days_to_keep: "x" }, "days_to_keep"],
  [{ days_to_keep: 1e9 }, "days_to_keep"],
  [{ days_to_keep: 1.5 }, "days_to_keep"],
  [{ days_to_keep: null }, "days_to_keep"],
  [{ task_type: "users" }, "task_type"],
  [{ days: 3 }, "days"],
])("a cleanup with %j is rejected, naming the field", async (changes, field) => {
  const { status, body } = await call(cleanup, cleanupRequest(changes));
  expect({ status, fields: body.errors.map((error: { path: string }) => error.path) }).toEqual({
    status: 422,
    fields: [field],
  });
});

test.each([0, 1, 3650])("a cleanup with a retention of %d days is accepted", async (days_to_keep) => {
  await withWorker(async () => {
    expect(await call(cleanup, cleanupRequest({ days_to_keep, dry_run: true }))).toMatchObject({ status: 200 });
  });
});

test("a dry run of the exports has the same format as that of a table", async () => {
  await withWorker(async () => {
    const body = { task_type: "exports", days_to_keep: 7, dry_run: true };
    expect((await call(cleanup, { body })).body.result).toMatchObject({
      matched_count: 0,
      preview: { task_type: "exports", matched_count: 0, matched_bytes: 0, oldest: null, newest: null, months: [] },
    });
  });
});

test("the second of two cleanups of a table is rejected, naming the first", async () => {
  const first = await call(cleanup, { ...cleanupRequest({}), prefer: "wait=0" });
  expect(first.status).toBe(202);
  const second = await call(cleanup, cleanupRequest({}));
  expect(second).toMatchObject({ status: 409, body: { errors: [{ path: "job_id", message: first.body.job_id }] } });
  expect(await call(cleanup, { ...cleanupRequest({ dry_run: true }), prefer: "wait=0" })).toMatchObject({
    status: 202,
  });
  // A restore would conflict with it too.
  const { body } = await call(archives);
  const options = { params: { id: body.items[0].id }, body: {} };
  expect(await call(restore, options)).toMatchObject({ status: 409 });
  await withWorker(async () => {
    expect((await call(cleanup, { body: { task_type: "exports", days_to_keep: 7 } })).body.status).toBe("completed");
  });
});

test("only an administrator can clean up, restore and verify", async () => {
  const params = { id: "00000000-0000-0000-0000-000000000000" };
  for (const role of ["viewer", "operator"] as const) {
    expect((await call(cleanup, { ...cleanupRequest({}), role })).status).toBe(403);
    expect((await call(restore, { params, body: {}, role })).status).toBe(403);
    expect((await call(verify, { params, role })).status).toBe(403);
    expect((await call(download, { params, role })).status).toBe(403);
  }
  expect((await call(restore, { params, body: {} })).status).toBe(404);
});
