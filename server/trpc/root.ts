import { deadLettersRouter } from "./dead-letters";
import { procedure, router } from "./init";
import { jobsRouter } from "./jobs";
import { logsRouter } from "./logs";
import { queuesRouter } from "./queues";

export const appRouter = router({
  me: procedure("read").query(({ ctx }) => ctx.principal),
  queues: queuesRouter,
  deadLetters: deadLettersRouter,
  jobs: jobsRouter,
  logs: logsRouter,
});

export type AppRouter = typeof appRouter;
