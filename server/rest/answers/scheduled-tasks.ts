import { z } from "zod";
import { JOB_STATUSES } from "@/server/services/jobs";
import { type ScheduledTasks, TASK_NAMES } from "@/server/services/schedules";
import { instant } from "./instant";

const run = z.object({
  job_id: z.guid(),
  trigger: z.enum(["schedule", "catch_up", "manual"]),
  requested_by: z.string(),
  due_at: instant,
  status: z.enum(JOB_STATUSES),
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
  duration_ms: z.int().nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
});

/** The answer to GET /scheduled-tasks/status. */
export const scheduledTasksAnswer = z.object({
  running: z.boolean().describe("Whether a worker is alive to keep the schedules"),
  timezone: z.string(),
  tasks: z.array(
    z.object({
      name: z.enum(TASK_NAMES),
      schedule: z.string().describe("Cron, in the time zone"),
      schedule_is_changed: z.boolean().describe("Set by an administrator instead of the configuration"),
      default_schedule: z.string().describe("The configuration's"),
      enabled: z.boolean(),
      next_run_at: instant.nullable(),
      last_run: run.nullable(),
      last_success_at: instant.nullable(),
      success_due_at: instant.nullable().describe("The first due time since the last success"),
      missed_runs: z
        .int()
        .describe(
          "Due times of the last 7 days at which it did not run: no worker was available, or its last run went on",
        ),
      missed_runs_is_exact: z.boolean().describe("False: that many or more"),
    }),
  ),
}) satisfies z.ZodType<ScheduledTasks>;
