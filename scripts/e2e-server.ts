import { fork } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";

/**
 * Runs the server like `npm start` for the browser tests, with the data folder E2E_DATA_DIR, which is deleted
 * afterwards.
 */

const dataDir = process.env.E2E_DATA_DIR;
if (!dataDir) throw new Error("E2E_DATA_DIR is not set.");
mkdirSync(dataDir, { mode: 0o755 });
const child = fork("server/process/run.mjs", ["start"], {
  execArgv: [],
  env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: "", REDIS_URL: "", LOG_LEVEL: "warn" },
});
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill("SIGTERM"));
child.once("exit", (code) => {
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(code ?? 1);
});
