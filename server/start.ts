import { loadConfig } from "./config";
import { prepareDatabase } from "./open-context";
import { superviseChildren } from "./runtime/children";
import { createLogger } from "./runtime/logger";
import { runMain } from "./runtime/run-main";
import { stopSignal } from "./runtime/stop-signal";

/** `npm start`: PostgreSQL if none is given, then web and worker, until it is told to stop. */
void runMain(async () => {
  const signal = stopSignal();
  const config = loadConfig();
  const log = createLogger(config, "start");
  const database = await prepareDatabase(config, "service", log);
  try {
    return await superviseChildren([{ name: "web" }, { name: "worker" }], { signal, log });
  } finally {
    await database.release();
  }
});
