import { afterAll, beforeAll, expect, test } from "vitest";
import { DELETE, GET } from "@/app/api/v1/batch-processing/jobs/[id]/route";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { runJobs, startJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { EXPORT_RESULT } from "@/server/testing/job-handlers";
import { jobResponse } from "./job-response";

let testContext: TestContext;
let keys: Record<"viewer" | "operator" | "admin", string>;

beforeAll(async () => {
  testContext = await createTestContext();
  const { context } = testContext;
  provideContext(context);
  const keyOf = async (role: "viewer" | "operator" | "admin") =>
    (await createApiKey(context, { name: role, role })).key;
  keys = { viewer: await keyOf("viewer"), operator: await keyOf("operator"), admin: await keyOf("admin") };
});
afterAll(() => testContext.close());

const principal = { kind: "user", id: "1", name: "anna@example.com", role: "operator" } as const;
const start = () =>
  startJob(testContext.context, "export", { export_type: "access_logs", format: "csv" }, { principal });
const requestWith = (prefer?: string) => new Request("http://127.0.0.1/x", { headers: prefer ? { prefer } : {} });
const answer = (job: Job, prefer?: string) => jobResponse(testContext.context, requestWith(prefer), job);

async function call(handler: typeof GET, job: Job, method: string, role: keyof typeof keys): Promise<Response> {
  const headers = { authorization: `Bearer ${keys[role]}`, prefer: "wait=5" };
  return handler(new Request("http://127.0.0.1/x", { method, headers }), {
    params: Promise.resolve({ id: job.job_id }),
  });
}

test("a caller that does not wait gets the URL of the job immediately", async () => {
  const job = await start();
  const { status, headers } = await answer(job, "respond-async, wait=0");
  expect(status).toBe(202);
  expect(headers.get("location")).toBe(`/api/v1/batch-processing/jobs/${job.job_id}`);
  expect(await (await call(GET, job, "GET", "viewer")).json()).toMatchObject({ job_id: job.job_id, status: "queued" });
});

test("a caller that waits gets the finished job", async () => {
  const control = new AbortController();
  const work = runJobs(testContext.context, { export: async () => EXPORT_RESULT }, { signal: control.signal });
  for (const prefer of [undefined, "wait=60", "Wait = 999999", "nonsense; wait=-1"]) {
    const response = await answer(await start(), prefer);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "completed", result: { row_count: 3 } });
  }
  control.abort();
  await work;
});

test("a job is cancelled by an administrator's key, not by another operator's or a viewer's", async () => {
  const job = await start();
  expect((await call(DELETE, job, "DELETE", "viewer")).status).toBe(403);
  expect((await call(DELETE, job, "DELETE", "operator")).status).toBe(403);
  const response = await call(DELETE, job, "DELETE", "admin");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: "cancelled" });
});
