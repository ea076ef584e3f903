import { runExport } from "@/server/services/data-export";
import type { JobWorks } from "@/server/services/jobs";
import { runScheduledTask } from "@/server/services/scheduled-tasks";

/** What does the work of each kind of job. */
export const jobWorks: Partial<JobWorks> = {
  export: runExport,
  scheduled_task: runScheduledTask,
};
