import { alertsRouter } from "./alerts";
import { cleanupRouter } from "./cleanup";
import { deadLettersRouter } from "./dead-letters";
import { exportsRouter } from "./exports";
import { procedure, router } from "./init";
import { jobsRouter } from "./jobs";
import { logsRouter } from "./logs";
import { monitoringRouter } from "./monitoring";
import { queuesRouter } from "./queues";
import { scheduledTasksRouter } from "./scheduled-tasks";

export const appRouter = router({
  me: procedure("read").query(({ ctx }) => ctx.principal),
  alerts: alertsRouter,
  monitoring: monitoringRouter,
  queues: queuesRouter,
  deadLetters: deadLettersRouter,
  exports: exportsRouter,
  jobs: jobsRouter,
  cleanup: cleanupRouter,
  logs: logsRouter,
  scheduledTasks: scheduledTasksRouter,
});

export type AppRouter = typeof appRouter;
