import { runReplay } from "@/server/services/dead-letters";
import { runExport } from "@/server/services/exports";
import { runUndo } from "@/server/services/imports";
import type { JobHandlers } from "@/server/services/jobs";
import { runCleanup, runRestore } from "@/server/services/retention";
import { runScheduledTask } from "@/server/services/schedules";

/** The handler of each job kind. */
export const jobHandlers: JobHandlers = {
  export: runExport,
  cleanup: runCleanup,
  restore: runRestore,
  undo_import: runUndo,
  replay_dead_letters: runReplay,
  scheduled_task: runScheduledTask,
};
