import { fork } from "node:child_process";
import { expect } from "@playwright/test";

/** Starts `npm start` with an embedded PostgreSQL, and waits until it is ready. @param env with PORT and DATA_DIR */
export async function startProduct(env: Record<string, string>): Promise<{ stop(): Promise<void> }> {
  const child = fork("server/process/run.mjs", ["start"], {
    execArgv: [],
    env: { ...process.env, DATABASE_URL: "", REDIS_URL: "", HOST: "127.0.0.1", ...env },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const readiness = () =>
    fetch(`http://127.0.0.1:${env.PORT}/api/health/ready`).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(readiness, { timeout: 60_000 }).toBe(200);
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
