import { describe, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { type JobHandlers, runJobs, waitForJob } from "@/server/services/jobs";
import { startCleanup } from "@/server/services/retention";
import { changePolicy, listPolicies, resetPolicy } from "@/server/services/retention-policies";
import { CLEANUP_RESULT } from "@/server/testing/job-handlers";
import { admin } from "@/server/testing/jobs";
import { DAY, HOUR, MINUTE, setUpSchedules } from "@/server/testing/schedules";
import { changeTask } from "./change";
import { TASK_NAMES, type TaskName } from "./contract";
import { runScheduledTask } from "./handlers";
import { cleanupOutlook, previewPolicy } from "./outlook";
import { runTaskNow, startDueTasks } from "./plan";
import { runScheduler } from "./run-scheduler";
import { scheduledTasksStatus, taskRuns } from "./status";

let ctx: Context;
const { clock, at, advanceClock, onlyCleanup, endRuns, statusOf } = setUpSchedules((context) => {
  ctx = context;
});

describe("the specified schedules, in Shanghai time", () => {
  test("data is cleaned at 2, export files at 3, and health is checked every 5 minutes", async () => {
    expect(await advanceClock(ctx, "data_cleanup", 2 * DAY)).toEqual(["2026-06-01T18:00", "2026-06-02T18:00"]);
    const others = (name: TaskName) =>
      taskRuns(ctx, name, 500).then((runs) => runs.map((run) => run.due_at.slice(11, 16)));
    expect(await others("export_files_cleanup")).toEqual(["19:00", "19:00"]);
    await ctx.db.sql`delete from jobs`;
    await advanceClock(ctx, "health_check", 30 * MINUTE, 5 * MINUTE);
    expect(await others("health_check")).toEqual(["12:30", "12:25", "12:20", "12:15", "12:10", "12:05"]);
  });

  test("the status reports each next run, the result of the last run, and that no worker is available", async () => {
    await advanceClock(ctx, "data_cleanup", DAY, 6 * HOUR);
    const status = await scheduledTasksStatus(ctx);
    expect(status).toMatchObject({ running: false, timezone: "Asia/Shanghai" });
    expect(status.tasks[0]).toMatchObject({
      name: "data_cleanup",
      schedule: "0 2 * * *",
      enabled: true,
      next_run_at: "2026-06-02T18:00:00.000000Z",
      last_run: { status: "completed", trigger: "schedule", due_at: "2026-06-01T18:00:00.000000Z", error: null },
      missed_runs: 0,
    });
  });
});

test.each([
  ["America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00", "2026-03-09T06:00", "2026-03-10T06:00"]],
  ["America/New_York", "2026-10-31T12:00Z", ["2026-11-01T07:00", "2026-11-02T07:00", "2026-11-03T07:00"]],
  ["Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:00", "2026-03-31T00:00"]],
  ["Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:00", "2026-10-26T01:00", "2026-10-27T01:00"]],
])("in %s from %s on, the nightly cleanup runs once a day despite DST changes", async (zone, from, expected) => {
  await ctx.db.sql`delete from scheduled_tasks`;
  const there = await at(from, zone);
  await onlyCleanup();
  expect(await advanceClock(there, "data_cleanup", 3 * DAY, 2 * HOUR)).toEqual(expected);
});

describe("with any number of workers and failures", () => {
  test("one run is started per due time", async () => {
    clock.now = Date.parse("2026-06-01T18:00Z");
    const started = await Promise.all(Array.from({ length: 8 }, () => startDueTasks(ctx)));
    expect(started.flat().filter((name) => name === "data_cleanup")).toHaveLength(1);
    expect(await taskRuns(ctx, "data_cleanup", 10)).toHaveLength(1);
  });

  test("nights missed while everything was down are caught up by one run at startup", async () => {
    await at("2026-06-05T09:00Z");
    expect(await startDueTasks(ctx)).toContain("data_cleanup");
    expect(await startDueTasks(ctx)).toEqual([]);
    expect(await taskRuns(ctx, "data_cleanup", 10)).toMatchObject([
      { trigger: "catch_up", due_at: "2026-06-04T18:00:00.000000Z" },
    ]);
    expect(await statusOf("data_cleanup")).toMatchObject({
      missed_runs: 4,
      next_run_at: "2026-06-05T18:00:00.000000Z",
    });
  });

  test("ten days of missed checks are caught up by one run of the latest, and reported as 500 or more", async () => {
    await ctx.db.sql`
      update scheduled_tasks set next_run_at = '2026-05-22T12:00Z' where name = 'health_check'`;
    clock.now = Date.parse("2026-06-01T12:03Z");
    expect(await statusOf("health_check")).toMatchObject({ missed_runs: 500, missed_runs_is_exact: false });
    expect(await startDueTasks(ctx)).toEqual(["health_check"]);
    expect(await taskRuns(ctx, "health_check", 10)).toMatchObject([{ due_at: "2026-06-01T12:00:00.000000Z" }]);
    expect(await statusOf("health_check")).toMatchObject({
      missed_runs: 500,
      missed_runs_is_exact: false,
      next_run_at: "2026-06-01T12:05:00.000000Z",
    });
  });

  test("a run that takes longer than its interval is not duplicated, and counts the runs that it prevented", async () => {
    clock.now += 5 * MINUTE;
    expect(await startDueTasks(ctx)).toEqual(["health_check"]);
    clock.now += 5 * MINUTE;
    expect(await startDueTasks(ctx)).toEqual([]);
    expect(await statusOf("health_check")).toMatchObject({ missed_runs: 1, missed_runs_is_exact: true });
    await endRuns();
    clock.now += 5 * MINUTE;
    expect(await startDueTasks(ctx)).toEqual(["health_check"]);
  });

  test("another configured time zone causes new planning, and loses no due run", async () => {
    await at("2026-06-01T12:00Z", "UTC");
    expect((await statusOf("data_cleanup"))?.next_run_at).toBe("2026-06-02T02:00:00.000000Z");
    const later = await at("2026-06-02T05:00Z", "Europe/Berlin");
    expect(await startDueTasks(later)).toContain("data_cleanup");
    expect((await statusOf("data_cleanup"))?.next_run_at).toBe("2026-06-03T00:00:00.000000Z");
  });
});

test.each(TASK_NAMES)("%s runs", async (task) => {
  const control = new AbortController();
  const { job_id } = await runTaskNow(ctx, task, admin);
  const handlers = { scheduled_task: runScheduledTask, cleanup: async () => CLEANUP_RESULT };
  const worker = runJobs(ctx, handlers, control);
  const job = await waitForJob(ctx, job_id, { seconds: 20 });
  control.abort();
  await worker;
  expect(job).toMatchObject({ status: "completed", error: null });
});

test.each([
  { who: "the schedule", begin: startNightlyCleanup, requester: { actor_kind: "system", actor_name: "schedule" } },
  { who: "an administrator", begin: runItNow, requester: { actor_kind: "user", actor_name: admin.name } },
])(
  "the cleanups of a run that $who started are attributed to them, and audited once though the run restarts",
  async ({ begin, requester }) => {
    const job_id = await begin();
    const control = new AbortController();
    const joined: string[] = [];
    const handlers: Partial<JobHandlers> = {
      scheduled_task: runScheduledTask,
      // Simulates another worker that took over the run of a dead one.
      cleanup: async (there, { params }) => {
        const started = await startCleanup(there, admin, params, {
          joinKey: `${job_id}:${params.task_type}`,
        });
        joined.push(started.job_id);
        return CLEANUP_RESULT;
      },
    };
    const worker = runJobs(ctx, handlers, control);
    const { result } = await waitForJob(ctx, job_id, { seconds: 20 });
    control.abort();
    await worker;
    const record = await ctx.db.sql<{ details: { job_id: string; task_type: string } }[]>`
      select actor_kind, actor_name, requested_by, details
      from audit_log
      join jobs on jobs.id::text = details->>'job_id'
      where action = 'cleanup.start'
      order by jobs.created_at`;
    const theirs = { ...requester, requested_by: requester.actor_name };
    expect(record).toMatchObject([
      { ...theirs, details: { task_type: "access_logs", days_to_keep: 90 } },
      { ...theirs, details: { task_type: "user_activities", days_to_keep: 180 } },
    ]);
    expect(result).toMatchObject(
      Object.fromEntries(record.map(({ details }) => [details.task_type, { job_id: details.job_id }])),
    );
    expect(joined).toEqual(record.map(({ details }) => details.job_id));
  },
);

async function startNightlyCleanup(): Promise<string> {
  await onlyCleanup();
  clock.now += DAY;
  await startDueTasks(ctx);
  return (await taskRuns(ctx, "data_cleanup", 1))[0]?.job_id ?? "";
}

async function runItNow(): Promise<string> {
  return (await runTaskNow(ctx, "data_cleanup", admin)).job_id;
}

describe("the time at which a success is due", () => {
  test("is the first due time since the last success, regardless of failed runs since", async () => {
    await onlyCleanup();
    await advanceClock(ctx, "data_cleanup", DAY);
    const success = (await statusOf("data_cleanup"))?.last_success_at;
    expect(success).not.toBeNull();
    // Runs are finished by PostgreSQL's clock, which differs from the test's.
    await ctx.db.sql`update jobs set finished_at = '2026-06-01T18:00:05Z'`;
    clock.now += DAY;
    await startDueTasks(ctx);
    await ctx.db.sql`update jobs set status = 'failed', finished_at = now() where status = 'queued'`;
    expect(await statusOf("data_cleanup")).toMatchObject({
      last_run: { status: "failed" },
      last_success_at: "2026-06-01T18:00:05.000000Z",
      success_due_at: "2026-06-02T18:00:00.000000Z",
    });
  });
});

test("the nightly cleanup is previewed as of its due time, without restored rows", async () => {
  // Rows that expire at 2 o'clock, 6 hours from now: a row that has not expired yet, and a row of yesterday.
  for (const created_at of ["2026-03-03T14:00:00Z", "2026-03-04T14:00:00Z"])
    await insertAccessLogs(ctx, [{ ip_address: "10.0.0.1", request_path: "/", created_at }]);
  const { policies } = await cleanupOutlook(ctx, admin);
  expect(policies).toMatchObject([
    {
      task_type: "access_logs",
      days_to_keep: 90,
      next_run_at: "2026-06-01T18:00:00.000000Z",
      cutoff: "2026-03-03T18:00:00.000000Z",
      matched_count: 1,
    },
    { task_type: "user_activities", days_to_keep: 180, matched_count: 0 },
    { task_type: "exports", days_to_keep: 7, task: "export_files_cleanup", matched_count: 0 },
  ]);
});

test("a retention that an administrator changed is previewed, audited, used by the next cleanup, and can be reset", async () => {
  const id = "access_logs";
  await ctx.db.sql`truncate access_logs`;
  await insertAccessLogs(ctx, [{ ip_address: "10.0.0.1", request_path: "/", created_at: "2026-03-04T14:00:00Z" }]);
  expect(await previewPolicy(ctx, { id, days: 90 })).toMatchObject({ matched_count: 0 });
  expect(await previewPolicy(ctx, { id, days: 80 })).toMatchObject({
    matched_count: 1,
    unit: "rows",
    oldest: "2026-03-04T14:00:00.000000Z",
    next_run_at: "2026-06-01T18:00:00.000000Z",
    cutoff: "2026-03-13T18:00:00.000000Z",
  });
  await changePolicy(ctx, admin, { id, days: 80 });
  expect(await previewPolicy(ctx, { id: "archives", days: 0 })).toMatchObject({ unit: "files", matched_count: 0 });
  await expect(changePolicy(ctx, admin, { id, days: 3651 })).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
  const control = new AbortController();
  const { job_id } = await runTaskNow(ctx, "data_cleanup", admin);
  const worker = runJobs(ctx, { scheduled_task: runScheduledTask, cleanup: async () => CLEANUP_RESULT }, control);
  await waitForJob(ctx, job_id, { seconds: 20 });
  control.abort();
  await worker;
  const cleanups = await ctx.db.sql`
    select (params->>'days_to_keep')::int as days from jobs where kind = 'cleanup' order by params->>'task_type'`;
  expect(cleanups).toEqual([{ days: 80 }, { days: 180 }]);
  expect((await listPolicies(ctx))[0]).toMatchObject({ days: 80, source: "settings", changed_by: admin.name });
  expect(await resetPolicy(ctx, admin, id)).toMatchObject({ days: 90, source: "environment", default_days: 90 });
  expect(
    await ctx.db.sql`select details from audit_log where action like 'retention-policy.%' order by created_at`,
  ).toEqual([{ details: { id, days: 80, days_before: 90 } }, { details: { id, days: 90, days_before: 80 } }]);
});

test("a schedule of every minute is run once at the turn of the minute by two workers, and its result is in the history", async () => {
  const offset = Date.parse("2026-06-01T12:04:58.500Z") - Date.now();
  const there: Context = { ...ctx, now: () => new Date(Date.now() + offset) };
  await changeTask(there, "health_check", { schedule: "* * * * *" }, admin);
  const control = new AbortController();
  const work = () => [runScheduler(there, control), runJobs(there, { scheduled_task: runScheduledTask }, control)];
  const workers = Promise.all([...work(), ...work()]);
  const run = async () => (await taskRuns(ctx, "health_check", 1))[0];
  await expect.poll(run).toBeDefined();
  expect(there.now().toISOString()).toMatch(/^2026-06-01T12:05:0/);
  await expect.poll(async () => (await run())?.finished_at ?? null).not.toBeNull();
  control.abort();
  await workers;
  expect(await taskRuns(ctx, "health_check", 5)).toMatchObject([
    {
      trigger: "schedule",
      due_at: "2026-06-01T12:05:00.000000Z",
      status: "completed",
      duration_ms: expect.any(Number),
      result: { status: "ready" },
    },
  ]);
  expect((await statusOf("health_check"))?.next_run_at).toBe("2026-06-01T12:06:00.000000Z");
});
