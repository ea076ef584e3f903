import { type ChildProgram, superviseChildren } from "@/server/process/children";
import { loadConfig } from "@/server/process/config";
import { createLogger } from "@/server/process/logger";
import { prepareDatabase } from "@/server/process/open-context";
import { runMain } from "@/server/process/run-main";
import { stopSignal } from "@/server/process/stop-signal";

/**
 * Entry point of `npm start`: runs PostgreSQL if none is configured, web and worker, and with a port for syslog the
 * collector, until it is stopped.
 */
void runMain(async () => {
  const signal = stopSignal();
  const config = loadConfig();
  const log = createLogger(config, "start");
  const database = await prepareDatabase(config, "service", log, { signal });
  try {
    const { port, tlsPort } = config.collect;
    const collectors: ChildProgram[] = port === undefined && tlsPort === undefined ? [] : [{ name: "collect" }];
    return await superviseChildren([{ name: "web" }, { name: "worker" }, ...collectors], {
      signal,
      log,
      shutdownSeconds: config.shutdownSeconds,
    });
  } finally {
    await database.release();
  }
});
