import { whoIs } from "@/server/services/accounts";
import { accountRouter } from "./account";
import { alertsRouter } from "./alerts";
import { apiKeysRouter } from "./api-keys";
import { cleanupRouter } from "./cleanup";
import { deadLettersRouter } from "./dead-letters";
import { exportsRouter } from "./exports";
import { importPreview } from "./import-preview";
import { importsRouter } from "./imports";
import { procedure, router } from "./init";
import { jobsRouter } from "./jobs";
import { logsRouter } from "./logs";
import { monitoringRouter } from "./monitoring";
import { privacyRouter } from "./privacy";
import { queuesRouter } from "./queues";
import { scheduledTasksRouter } from "./scheduled-tasks";
import { usersRouter } from "./users";

export const appRouter = router({
  me: procedure("read").query(({ ctx }) => whoIs(ctx.principal)),
  account: accountRouter,
  alerts: alertsRouter,
  monitoring: monitoringRouter,
  privacy: privacyRouter,
  queues: queuesRouter,
  deadLetters: deadLettersRouter,
  exports: exportsRouter,
  imports: importsRouter,
  importPreview,
  jobs: jobsRouter,
  cleanup: cleanupRouter,
  logs: logsRouter,
  scheduledTasks: scheduledTasksRouter,
  users: usersRouter,
  apiKeys: apiKeysRouter,
});

export type AppRouter = typeof appRouter;
