import { pino } from "pino";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { openFileStores } from "@/server/files";
import { toAppError } from "@/server/lib/errors";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { JobStopped } from "@/server/services/jobs";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { cleanupParams, jobRun } from "./cleanup";

/**
 * Runs a cleanup in a separate process for fault tests. At the FAULT_COUNT-th occurrence of the step FAULT_STEP it
 * reports the step, and then either kills itself with SIGKILL or waits for the test to act.
 */
const { FAULT_STEP, FAULT_COUNT = "1", FAULT_KIND = "kill", JOB_ID = "", DAYS = "90" } = process.env;

const config = loadConfig();
const log = pino({ level: "silent" });
const db = connectDatabase(config.databaseUrl ?? "", { applicationName: "fault", max: 3 });
const files = await openFileStores(config, db.sql);
const queue = createLogQueue({ db, log });
const cache = createCache({ log });
const columnar = openColumnarEngine(config, log);
const context: Context = { config, db, queue, files, cache, columnar, log, secret: "", now: () => new Date() };

let remaining = Number(FAULT_COUNT);
try {
  const job = jobRun(cleanupParams({ days_to_keep: Number(DAYS) }), { id: JOB_ID });
  const result = await cleanLogTable(context, "access_logs", job, {
    dropTimeout: 0,
    onStep: async (step) => {
      if (step !== FAULT_STEP || --remaining !== 0) return;
      process.stdout.write("there\n");
      if (FAULT_KIND === "kill") process.kill(process.pid, "SIGKILL");
      await new Promise((resolve) => process.stdin.once("data", resolve));
    },
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  const { code, message } = toAppError(error instanceof JobStopped ? error.cause : error);
  process.stdout.write(`${JSON.stringify({ code, message })}\n`);
} finally {
  await Promise.all([queue.close(), cache.close(), columnar.close()]);
  await db.close();
  process.exit();
}
