import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Context, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { runExport } from "@/server/services/exports";
import { insertUserActivities } from "@/server/services/intake";
import { runJobs } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { documentedPaths } from "../openapi.json/route-files";

const paths = await documentedPaths();

const ROWS = 300;

let opened: TestContext;
let ctx: Context;
let operator: Record<string, string>;
let viewer: Record<string, string>;

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  provideContext(ctx);
  operator = { authorization: `Bearer ${(await createApiKey(ctx, { name: "exporter", role: "operator" })).key}` };
  viewer = { authorization: `Bearer ${(await createApiKey(ctx, { name: "reader", role: "viewer" })).key}` };
  const events = Array.from({ length: ROWS }, (_, index) => ({ user_id: `${index % 3}`, action: "登录" }));
  await insertUserActivities(ctx, events);
});
afterAll(() => opened?.close());

const send = (method: string, path: string, options: { body?: object; headers?: Record<string, string> } = {}) =>
  askRest(paths, {
    method,
    path,
    headers: { "content-type": "application/json", ...operator, ...options.headers },
    ...(options.body ? { body: JSON.stringify(options.body) } : {}),
  });

async function withWorker<T>(work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const worker = runJobs(ctx, { export: runExport }, { signal: stop.signal });
  try {
    return await work();
  } finally {
    stop.abort();
    await worker;
  }
}

const exportOf = (user: string) => ({ export_type: "user_activities", format: "csv", filters: { user_id: user } });

it("waits for the job, and returns the file", async () => {
  await withWorker(async () => {
    const { status, text } = await send("POST", "/export", { body: exportOf("0"), headers: { prefer: "wait=30" } });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      kind: "export",
      status: "completed",
      requested_by: "exporter",
      result: { row_count: ROWS / 3, format: "csv", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

it("answers 202 to clients that do not wait; the job leads to the file, and the download is audited", async () => {
  const started = await send("POST", "/export", { body: exportOf("1"), headers: { prefer: "wait=0" } });
  expect(started.status).toBe(202);
  const location = new URL(started.headers.get("location") ?? "", "http://127.0.0.1").pathname;
  const jobPath = location.slice(location.indexOf("/jobs/"));
  const { job_id } = JSON.parse(started.text);
  expect(jobPath).toBe(`/jobs/${job_id}`);
  expect(JSON.parse((await send("GET", jobPath)).text)).toMatchObject({ status: "queued", result: null });

  const { result } = await withWorker(async () => {
    for (;;) {
      const job = JSON.parse((await send("GET", jobPath)).text);
      if (job.finished_at !== null) return job;
    }
  });
  const file = await askRest(paths, {
    method: "GET",
    path: "/download",
    query: new URL(result.download_url, "http://127.0.0.1").searchParams.toString(),
    headers: operator,
  });
  expect(file.status).toBe(200);
  expect(createHash("sha256").update(file.text).digest("hex")).toBe(result.sha256);
  expect(file.text.trimEnd().split("\r\n")).toHaveLength(1 + ROWS / 3);
  expect((await send("DELETE", `/exports/${job_id}`)).status).toBe(200);

  const audit = await ctx.db.sql<{ action: string; actor_name: string }[]>`
    select action, actor_name
    from audit_log
    where ${job_id} in (details->>'job_id', details->>'export_id')
    order by created_at`;
  expect([...audit]).toEqual([
    { action: "export.start", actor_name: "exporter" },
    { action: "export.download", actor_name: "exporter" },
    { action: "export.delete", actor_name: "exporter" },
  ]);
});

it("cancels a queued job", async () => {
  const started = await send("POST", "/export", { body: exportOf("2"), headers: { prefer: "wait=0" } });
  const { job_id } = JSON.parse(started.text);
  const cancelled = await send("DELETE", `/jobs/${job_id}`);
  expect(JSON.parse(cancelled.text)).toMatchObject({ status: "cancelled", error: "Cancelled by exporter." });
});

it("rejects more rows than the limit, invalid exports, and callers that may only read", async () => {
  const over = await send("POST", "/export", { body: { ...exportOf("0"), max_rows: 10 } });
  expect([over.status, JSON.parse(over.text).detail]).toEqual([422, expect.stringContaining("limit of 10")]);
  expect((await send("POST", "/export", { body: { ...exportOf("0"), colour: "red" } })).status).toBe(422);
  expect((await send("POST", "/export", { body: exportOf("0"), headers: viewer })).status).toBe(403);
  expect((await send("GET", `/jobs/${randomUUID()}`)).status).toBe(404);
});
