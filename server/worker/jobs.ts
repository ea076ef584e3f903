import { runCleanup, runRestore } from "@/server/services/batch-data-processor";
import { runExport } from "@/server/services/data-export";
import { runUndo } from "@/server/services/imports";
import type { JobWorks } from "@/server/services/jobs";
import { runScheduledTask } from "@/server/services/scheduled-tasks";

/** What does the work of each kind of job. */
export const jobWorks: JobWorks = {
  export: runExport,
  cleanup: async (ctx, run) => ({ ...(await runCleanup(ctx, run)) }),
  restore: async (ctx, run) => ({ ...(await runRestore(ctx, run)) }),
  undo_import: runUndo,
  scheduled_task: runScheduledTask,
};
