import { describePrincipal } from "@/server/services/accounts";
import { accountRouter } from "./account";
import { alertsRouter } from "./alerts";
import { apiKeysRouter } from "./api-keys";
import { dashboardsRouter } from "./dashboards";
import { deadLettersRouter } from "./dead-letters";
import { exploreRouter } from "./explore";
import { exportsRouter } from "./exports";
import { importPreview } from "./import-preview";
import { importsRouter } from "./imports";
import { procedure, router } from "./init";
import { intakeRulesRouter } from "./intake-rules";
import { jobsRouter } from "./jobs";
import { logsRouter } from "./logs";
import { mappingsRouter } from "./mappings";
import { overviewRouter } from "./overview";
import { privacyRouter } from "./privacy";
import { queuesRouter } from "./queues";
import { retentionRouter } from "./retention";
import { schedulesRouter } from "./schedules";
import { tablesRouter } from "./tables";
import { timelineRouter } from "./timeline";
import { usersRouter } from "./users";

export const appRouter = router({
  me: procedure("read").query(({ ctx }) => describePrincipal(ctx.principal)),
  account: accountRouter,
  alerts: alertsRouter,
  mappings: mappingsRouter,
  overview: overviewRouter,
  privacy: privacyRouter,
  queues: queuesRouter,
  dashboards: dashboardsRouter,
  deadLetters: deadLettersRouter,
  explore: exploreRouter,
  exports: exportsRouter,
  imports: importsRouter,
  importPreview,
  intakeRules: intakeRulesRouter,
  jobs: jobsRouter,
  retention: retentionRouter,
  logs: logsRouter,
  schedules: schedulesRouter,
  tables: tablesRouter,
  timeline: timelineRouter,
  users: usersRouter,
  apiKeys: apiKeysRouter,
});

export type AppRouter = typeof appRouter;
/** For the uploads of the interface, which use REST. */
export type { IngestAnswer, IntakeMode } from "@/server/services/intake/contract";
