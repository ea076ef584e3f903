import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { aborted, CLEANUP_RESULT, EXPORT_RESULT, makeGate } from "@/server/testing/job-handlers";
import { admin, anna, ben, person, setUpJobs, until } from "@/server/testing/jobs";
import { cancelJob } from "./cancel";
import { startJob } from "./start";
import { JobStopped } from "./types";

let ctx: Context;
const { startWorker, exportFor, ended, statusOf } = setUpJobs((context) => {
  ctx = context;
});

describe("cancelling", () => {
  test("ends a queued job immediately", async () => {
    const job = await exportFor(anna);
    expect(await cancelJob(ctx, job.job_id, anna)).toMatchObject({
      status: "cancelled",
      error: { code: "job.cancelled", params: { by: anna.name } },
    });
    const { started, work } = makeGate();
    startWorker({ export: work });
    await ended(await exportFor(anna, { joinKey: "next" }).then(async (next) => cancelJob(ctx, next.job_id, anna)));
    expect(started).not.toContain(job.job_id);
  });

  test("stops a running job, which keeps its partial result", async () => {
    startWorker({
      cleanup: async (_, run) => {
        await aborted(run.signal);
        throw new JobStopped(CLEANUP_RESULT);
      },
    });
    const params = { task_type: "access_logs", days_to_keep: 90 } as const;
    const job = await startJob(ctx, "cleanup", params, { principal: admin });
    await until(async () => (await statusOf(job)) === "running");
    await cancelJob(ctx, job.job_id, admin);
    expect(await ended(job)).toMatchObject({ status: "cancelled", result: { deleted_count: 12 } });
  });

  test("is permitted to the user who started the job and to administrators", async () => {
    const job = await exportFor(anna);
    await expect(cancelJob(ctx, job.job_id, ben)).rejects.toMatchObject({ kind: "FORBIDDEN" });
    expect((await cancelJob(ctx, job.job_id, admin)).status).toBe("cancelled");
    expect((await cancelJob(ctx, job.job_id, anna)).status).toBe("cancelled");
  });

  test("is audited once, with the principal and the job's owner", async () => {
    const job = await exportFor(anna);
    await cancelJob(ctx, job.job_id, admin);
    await cancelJob(ctx, job.job_id, admin);
    const entries = await ctx.db.sql`
      select actor_name, details from audit_log where action = 'job.cancel' and details->>'job_id' = ${job.job_id}`;
    expect([...entries]).toEqual([
      { actor_name: admin.name, details: { job_id: job.job_id, kind: "export", requested_by: anna.name } },
    ]);
  });

  test("near the end of jobs returns the outcome of each", async () => {
    let started = 0;
    // Every fifth job runs until it is cancelled.
    const lengths = () => (started++ % 5 === 0 ? 600_000 : Math.random() * 300);
    startWorker({ export: (_, run) => sleep(lengths(), EXPORT_RESULT, { signal: run.signal }) });
    const cancelAtTheEnd = async (index: number) => {
      const job = await exportFor(person(`p${index}`));
      await until(async () => (await statusOf(job)) !== "queued");
      await sleep(Math.random() * 300);
      const answer = await cancelJob(ctx, job.job_id, admin, { seconds: 20 }).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof AppError ? error.kind : String(error)),
      );
      return { answer, status: await statusOf(job) };
    };
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => cancelAtTheEnd(index)));
    const expected = outcomes.map(({ status }) => ({
      status,
      answer: status === "completed" ? "CONFLICT" : "cancelled",
    }));
    expect(outcomes).toEqual(expected);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["completed", "cancelled"]));
  });

  test("is rejected for a job that has ended", async () => {
    startWorker({ export: async () => EXPORT_RESULT });
    const job = await ended(await exportFor(anna));
    await expect(cancelJob(ctx, job.job_id, anna)).rejects.toMatchObject({ kind: "CONFLICT" });
  });
});
