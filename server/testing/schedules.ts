import { beforeEach } from "vitest";
import type { Context } from "@/server/process/context";
import type { TaskName } from "@/server/services/schedules/contract";
import { planTasks, startDueTasks } from "@/server/services/schedules/plan";
import { scheduledTasksStatus, taskRuns } from "@/server/services/schedules/status";
import { setUpContext } from "./context";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Runs the tests of a file in a separate database on 2026-06-01 at 12:00 UTC, with all tasks planned anew. */
export function setUpSchedules(use: (ctx: Context) => void) {
  const clock = { now: 0 };
  const context = setUpContext(use, { overrides: { now: () => new Date(clock.now) } });
  beforeEach(async () => {
    await context().db.sql`delete from jobs`;
    await context().db.sql`delete from scheduled_tasks`;
    await at("2026-06-01T12:00Z");
  });

  /** Simulates a system that is running from `time` on, in its configured time zone or another. */
  async function at(time: string, timeZone = context().config.timeZone): Promise<Context> {
    clock.now = Date.parse(time);
    const there = { ...context(), config: { ...context().config, timeZone } };
    await planTasks(there);
    return there;
  }
  const endRuns = () =>
    context().db.sql`update jobs set status = 'completed', finished_at = now() where status = 'queued'`;

  return {
    clock,
    at,
    endRuns,
    /**
     * Advances the clock with a check every `step`; each run ends immediately.
     * @returns the times at which `name` was started
     */
    advanceClock: async (there: Context, name: TaskName, span: number, step = HOUR): Promise<string[]> => {
      for (const end = clock.now + span; clock.now < end; ) {
        clock.now = Math.min(clock.now + step, end);
        await Promise.all([startDueTasks(there), startDueTasks(there)]);
        await endRuns();
      }
      return (await taskRuns(there, name, 100)).map((run) => run.due_at.slice(0, 16)).reverse();
    },
    /** Skips health checks in the long tests. */
    onlyCleanup: () => context().db.sql`delete from scheduled_tasks where name <> 'data_cleanup'`,
    statusOf: async (name: TaskName) =>
      (await scheduledTasksStatus(context())).tasks.find((task) => task.name === name),
  };
}
