import { fork } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The product as `npm start` runs it, on a data folder that ends with it; for the browser tests. */

const dataDir = mkdtempSync(path.join(tmpdir(), "batch-console-e2e-"));
chmodSync(dataDir, 0o755);
const child = fork("server/run.mjs", ["start"], {
  execArgv: [],
  env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: "", REDIS_URL: "", LOG_LEVEL: "warn" },
});
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => child.kill("SIGTERM"));
child.once("exit", (code) => {
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(code ?? 1);
});
