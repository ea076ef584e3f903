import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "vitest";
import type { Context, Principal } from "@/server/process/context";
import { getJob, type JobHandlers, runJobs, startJob, waitForJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { setUpContext } from "./context";

export const person = (name: string, role: Principal["role"] = "operator"): Principal => ({
  kind: "user",
  id: name,
  name,
  role,
});
export const admin = person("admin@localhost", "admin");
export const anna = person("anna@example.com");
export const ben = person("ben@example.com");
/** The params of an export. */
export const EXPORT = { export_type: "access_logs", format: "csv" } as const;

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

/** Runs the tests of a file in a separate database. After each test, workers are stopped and jobs deleted. */
export function setUpJobs(use: (ctx: Context) => void) {
  const context = setUpContext(use);
  const stops: (() => Promise<void>)[] = [];
  const stopWorkers = async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  };
  afterEach(async () => {
    await stopWorkers();
    await context().db.sql`delete from jobs`;
  });
  return {
    /** Starts a worker in this process. Several are equivalent to several processes, because they share only PostgreSQL. */
    startWorker: (handlers: Partial<JobHandlers>): (() => Promise<void>) => {
      const control = new AbortController();
      const ended = runJobs(context(), handlers, { signal: control.signal });
      const stop = async () => {
        control.abort();
        await ended;
      };
      stops.push(stop);
      return stop;
    },
    stopWorkers,
    exportFor: (principal: Principal, keys: { joinKey?: string; exclusiveKey?: string } = {}) =>
      startJob(context(), "export", EXPORT, { principal, ...keys }),
    ended: (job: Job) => waitForJob(context(), job.job_id, { seconds: 20 }),
    statusOf: async (job: Job) => (await getJob(context(), job.job_id)).status,
  };
}
