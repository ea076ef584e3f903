import { describe, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { admin } from "@/server/testing/jobs";
import { DAY, setUpSchedules } from "@/server/testing/schedules";
import { changeTask } from "./change";
import { runTaskNow, startDueTasks } from "./plan";

let ctx: Context;
const { clock, advanceClock, onlyCleanup, statusOf } = setUpSchedules((context) => {
  ctx = context;
});

describe("an administrator", () => {
  test("starts a task now, and is informed when it is already running", async () => {
    await runTaskNow(ctx, "partition_maintenance", admin);
    await expect(runTaskNow(ctx, "partition_maintenance", admin)).rejects.toMatchObject({ kind: "CONFLICT" });
    expect(await statusOf("partition_maintenance")).toMatchObject({
      last_run: { trigger: "manual", requested_by: "admin@localhost", status: "queued" },
      next_run_at: "2026-06-01T16:30:00.000000Z",
    });
  });

  test("changes a schedule, and resets it to the configured one", async () => {
    await changeTask(ctx, "data_cleanup", { schedule: "15 4 * * 1" }, admin);
    expect(await statusOf("data_cleanup")).toMatchObject({
      schedule: "15 4 * * 1",
      schedule_is_changed: true,
      next_run_at: "2026-06-07T20:15:00.000000Z",
    });
    await changeTask(ctx, "data_cleanup", { schedule: null }, admin);
    expect(await statusOf("data_cleanup")).toMatchObject({
      schedule: "0 2 * * *",
      next_run_at: "2026-06-01T18:00:00.000000Z",
    });
  });

  test("who changes a schedule does not lose an overdue run", async () => {
    await onlyCleanup();
    clock.now = Date.parse("2026-06-05T09:00Z");
    await changeTask(ctx, "data_cleanup", { schedule: "15 4 * * *" }, admin);
    expect(await startDueTasks(ctx)).toEqual(["data_cleanup"]);
    expect(await statusOf("data_cleanup")).toMatchObject({
      last_run: { trigger: "catch_up" },
      next_run_at: "2026-06-05T20:15:00.000000Z",
    });
  });

  test("is audited with what was started and changed", async () => {
    await runTaskNow(ctx, "health_check", admin);
    await changeTask(ctx, "health_check", { enabled: false }, admin);
    const record = await ctx.db
      .sql`select actor_name, action, details from audit_log where details->>'task' = 'health_check' order by created_at`;
    expect(record).toMatchObject([
      { actor_name: admin.name, action: "task.run", details: { task: "health_check" } },
      { actor_name: admin.name, action: "task.change", details: { task: "health_check", enabled: false } },
    ]);
  });

  test.each(["", "x", "61 * * * *", "0 2 * *", "0 0 31 2 *", "* * * * * *", "@daily", "0 2 * * MON"])(
    "is denied the schedule %j",
    async (schedule) => {
      await expect(changeTask(ctx, "data_cleanup", { schedule }, admin)).rejects.toMatchObject({
        kind: "UNPROCESSABLE",
        errors: [{ path: "schedule" }],
      });
    },
  );

  test("disables a task: it is not started, and runs due meanwhile are not caught up", async () => {
    await onlyCleanup();
    await changeTask(ctx, "data_cleanup", { enabled: false }, admin);
    expect(await advanceClock(ctx, "data_cleanup", 3 * DAY)).toEqual([]);
    await changeTask(ctx, "data_cleanup", { enabled: true }, admin);
    expect(await advanceClock(ctx, "data_cleanup", DAY)).toEqual(["2026-06-04T18:00"]);
    expect((await statusOf("data_cleanup"))?.missed_runs).toBe(0);
  });
});
