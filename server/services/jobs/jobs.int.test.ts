import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { EXPORT_RESULT, makeGate } from "@/server/testing/job-handlers";
import { admin, anna, ben, EXPORT, person, setUpJobs, until } from "@/server/testing/jobs";
import { cancelJob } from "./cancel";
import type { Job } from "./contract";
import { getJob, listJobs } from "./find";
import { insertJob, startJob } from "./start";
import type { JobHandlers } from "./types";
import { watchJobs } from "./wait";

let ctx: Context;
const { startWorker, stopWorkers, exportFor, ended, statusOf } = setUpJobs((context) => {
  ctx = context;
});

describe("a job", () => {
  test("is run by a worker, reports its progress and stores its result", async () => {
    const job = await exportFor(anna);
    expect(job).toMatchObject({ status: "queued", requested_by: anna.name, result: null, duration_ms: null });
    const received: unknown[] = [];
    startWorker({
      export: async (_, run) => {
        run.progress({ done: 7, total: 7, unit: "rows", phase: "writing" });
        received.push(run.params);
        return EXPORT_RESULT;
      },
    });
    expect(await ended(job)).toMatchObject({
      status: "completed",
      progress: { done: 7, total: 7, unit: "rows", phase: "writing" },
      result: EXPORT_RESULT,
      error: null,
      duration_ms: expect.any(Number),
    });
    expect(received).toEqual([{ ...EXPORT, compress: "none", bom: false, filters: {} }]);
  });

  test("shows its progress to watchers while it runs", async () => {
    const gate = makeGate();
    startWorker({
      export: async (context, run) => {
        run.progress({ done: 3, total: 9, unit: "rows", phase: "writing" });
        return gate.work(context, run);
      },
    });
    const job = await exportFor(anna);
    const leave = new AbortController();
    for await (const [shown] of watchJobs(ctx, { kind: "export", limit: 5 }, leave.signal)) {
      if (shown?.progress.done === 3) gate.open();
      if (shown?.status === "completed") leave.abort();
    }
    expect(await statusOf(job)).toBe("completed");
  });

  test("that fails reports the reason for users, without internal details", async () => {
    startWorker({
      export: async () => {
        throw new Error("secret detail");
      },
    });
    const { status, error } = await ended(await exportFor(anna));
    expect(status).toBe("failed");
    expect(error).toEqual({ code: "server.internal", params: {} });
  });

  test("with params that do not match its kind is rejected", async () => {
    const wrong = { ...EXPORT, max_rows: 0 };
    await expect(startJob(ctx, "export", wrong, { principal: anna })).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
  });

  test("whose insert is rolled back does not exist", async () => {
    const rollback = ctx.db.sql.begin(async (tx) => {
      await insertJob(tx, "export", EXPORT, { principal: anna });
      throw new Error("rolled back");
    });
    await expect(rollback).rejects.toThrow("rolled back");
    expect((await listJobs(ctx, { limit: 10 })).items).toEqual([]);
  });
});

test("a result stored by another version is read as far as it is known, and does not break the list", async () => {
  const params = { archive_id: "0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11" };
  const [older, unknown] = [
    await startJob(ctx, "restore", params, { principal: admin }),
    await startJob(ctx, "restore", params, { principal: admin }),
  ];
  const counts = { matched_count: 3, restored_count: 1, present_count: 2 };
  const result = { ...params, table: "access_logs", ...counts, keep_until: "2026-12-31T00:00:00.000000Z" };
  const store = (job: Job, value: object) => ctx.db.sql`
    update jobs set status = 'completed', finished_at = now(), result = ${JSON.stringify(value)}::text::jsonb
    where id = ${job.job_id}`;
  await store(older, result);
  await store(unknown, { rows: 7 });
  expect((await listJobs(ctx, { kind: "restore", limit: 10 })).items).toMatchObject([
    { job_id: unknown.job_id, status: "completed", result: null },
    { job_id: older.job_id, result: { ...counts, different_count: null } },
  ]);
});

describe("equal and conflicting jobs", () => {
  test("20 equal requests get the same job", async () => {
    const jobs = await Promise.all(
      Array.from({ length: 20 }, (_, index) => exportFor(person(`p${index}`), { joinKey: "same" })),
    );
    expect(new Set(jobs.map((job) => job.job_id)).size).toBe(1);
    startWorker({ export: async () => EXPORT_RESULT });
    const [first] = jobs;
    if (first) await ended(first);
    expect((await exportFor(anna, { joinKey: "same" })).job_id).not.toBe(first?.job_id);
  });

  test("a job that is being cancelled is not shared", async () => {
    const gate = makeGate();
    startWorker({ export: gate.work });
    const first = await exportFor(anna, { joinKey: "same" });
    await until(() => gate.started.length === 1);
    await cancelJob(ctx, first.job_id, anna);
    const second = await exportFor(anna, { joinKey: "same" });
    expect(second.job_id).not.toBe(first.job_id);
    gate.open();
    expect((await ended(second)).status).toBe("completed");
  });

  test("of 10 conflicting requests one starts, and the others are informed of it", async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, () => exportFor(anna, { exclusiveKey: "access_logs" })),
    );
    const winners = attempts.flatMap((one) => (one.status === "fulfilled" ? [one.value.job_id] : []));
    const refusals = attempts.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(winners).toHaveLength(1);
    expect(refusals).toHaveLength(9);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ kind: "CONFLICT", code: "job.busy", params: { job: winners[0] } });
    }
  });
});

describe("concurrency and fairness", () => {
  test("two workers together never run more jobs of a kind than its limit", async () => {
    let now = 0;
    let peak = 0;
    const work: JobHandlers["export"] = async () => {
      peak = Math.max(peak, ++now);
      await until(() => peak >= 2);
      await sleep(5);
      now--;
      return EXPORT_RESULT;
    };
    const jobs = await Promise.all(Array.from({ length: 20 }, (_, index) => exportFor(person(`p${index}`))));
    startWorker({ export: work });
    startWorker({ export: work });
    for (const job of jobs) expect((await ended(job)).status).toBe("completed");
    expect(peak).toBe(2);
  });

  test("a user's single job does not wait behind another user's twenty", async () => {
    const order: string[] = [];
    for (let index = 0; index < 20; index++) await exportFor(anna);
    const [bens, carls] = [await exportFor(ben), await exportFor(person("carl"))];
    startWorker({
      export: async (_, run) => {
        order.push(run.requestedBy);
        return EXPORT_RESULT;
      },
    });
    await Promise.all([ended(bens), ended(carls)]);
    expect(order.indexOf(ben.name)).toBeLessThan(4);
    expect(order.indexOf("carl")).toBeLessThan(4);
  });

  test("a user can have at most a hundred unfinished jobs", async () => {
    for (let index = 0; index < 100; index++) await exportFor(anna);
    await expect(exportFor(anna)).rejects.toMatchObject({ kind: "TOO_MANY_REQUESTS" });
    await exportFor(ben);
  });

  test("a worker does not claim jobs that it has no handler for", async () => {
    startWorker({ export: async () => EXPORT_RESULT });
    const params = { task_type: "access_logs", days_to_keep: 90 } as const;
    const other = await startJob(ctx, "cleanup", params, { principal: admin });
    await ended(await exportFor(anna));
    expect(await statusOf(other)).toBe("queued");
  });
});

describe("a worker that exits", () => {
  test("returns its jobs, and another restarts them under the same id", async () => {
    const gate = makeGate();
    const stop = startWorker({ export: gate.work });
    const job = await exportFor(anna);
    await until(() => gate.started.length === 1);
    await stop();
    expect(await statusOf(job)).toBe("queued");
    const attempts: number[] = [];
    startWorker({
      export: async (_, run) => {
        attempts.push(run.attempt);
        return EXPORT_RESULT;
      },
    });
    expect(await ended(job)).toMatchObject({ status: "completed", job_id: job.job_id });
    expect(attempts).toEqual([2]);
  });

  test("without returning loses its jobs to other workers, as often as the kind allows", async () => {
    const job = await exportFor(anna);
    const die = () => ctx.db.sql`
      update jobs set status = 'running', run_id = gen_random_uuid(), lease_until = now() - interval '1 second'`;
    const statuses: string[] = [];
    for (let death = 1; death <= 3; death++) {
      await die();
      const stop = startWorker({ restore: () => Promise.reject(new Error("not claimed")) });
      await until(async () => (await statusOf(job)) !== "running");
      await stop();
      statuses.push(await statusOf(job));
    }
    expect(statuses).toEqual(["queued", "queued", "failed"]);
    expect((await getJob(ctx, job.job_id)).error).toEqual({ code: "job.worker_died", params: { times: 3 } });
  });

  test("cannot overwrite the end of a run that another took over", async () => {
    const gate = makeGate();
    startWorker({ export: gate.work });
    const job = await exportFor(anna);
    await until(() => gate.started.length === 1);
    await ctx.db.sql`
      update jobs set status = 'completed', finished_at = now(), run_id = null, lease_until = null, result = ${JSON.stringify({ ...EXPORT_RESULT, file_name: "other.csv" })}::text::jsonb`;
    gate.open();
    await stopWorkers();
    expect(await getJob(ctx, job.job_id)).toMatchObject({ status: "completed", result: { file_name: "other.csv" } });
  });
});

test("the list continues after the last page, and rejects another list's cursor", async () => {
  const created: string[] = [];
  for (let index = 0; index < 5; index++) created.unshift((await exportFor(anna)).job_id);
  const first = await listJobs(ctx, { kind: "export", limit: 3 });
  const cursor = first.next_cursor ?? "";
  const second = await listJobs(ctx, { kind: "export", limit: 3, cursor });
  expect([...first.items, ...second.items].map((job) => job.job_id)).toEqual(created);
  expect(second.next_cursor).toBeNull();
  await expect(listJobs(ctx, { kind: "cleanup", limit: 3, cursor })).rejects.toMatchObject({ kind: "BAD_REQUEST" });
});
