import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { defineConfig, devices } from "@playwright/test";

/** Matches two cores. */
const WORKERS = 2;

/** Prints unused ports. All are open at the same time, so they are distinct. */
const PICK_PORTS = `
  const { once } = require("events");
  const servers = Array.from({ length: ${WORKERS} }, () => require("net").createServer().listen(0, "127.0.0.1"));
  Promise.all(servers.map((server) => once(server, "listening"))).then(() => {
    console.log(servers.map((server) => server.address().port).join(" "));
    for (const server of servers) server.close();
  });`;

/**
 * Playwright loads this file in each of its processes. The first one picks ports and folder, the others inherit them.
 */
process.env.E2E_PORTS ??= execFileSync(process.execPath, ["-e", PICK_PORTS]).toString().trim();
process.env.E2E_DATA_DIR ??= path.join(tmpdir(), `batch-console-e2e-${randomUUID()}`);

/** One server per worker, so that parallel tests do not interfere. */
const products = process.env.E2E_PORTS.split(" ").map((port, index) => ({
  port,
  url: `http://127.0.0.1:${port}`,
  /** Created and removed by the process that starts the server. */
  dataDir: `${process.env.E2E_DATA_DIR}-${index}`,
}));

/** The server of this worker. */
export const PRODUCT = productOf(Number(process.env.TEST_PARALLEL_INDEX ?? 0));

function productOf(worker: number) {
  const product = products.at(worker);
  if (!product) throw new Error(`There are ${products.length} products, and none for worker ${worker}.`);
  return product;
}

/** Start and stop the servers themselves. Need the build, but no browser. */
const PROCESSES = ["processes.spec.ts", "nginx.spec.ts"];

export const ADMIN = { email: "admin@example.com", password: "correct horse battery" };

const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

const launchOptions = {
  executablePath: process.env.CHROMIUM_PATH,
  args: process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet,
};

export default defineConfig({
  testDir: "e2e",
  workers: WORKERS,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 30_000 },
  use: {
    baseURL: PRODUCT.url,
    locale: "en-US",
    timezoneId: "Asia/Shanghai",
    // Traces would take a fifth of the run time. Use --trace=retain-on-failure to record them.
    screenshot: "only-on-failure",
    launchOptions,
  },
  projects: [
    { name: "processes", testMatch: PROCESSES },
    { name: "desktop", grepInvert: /@only-phone/, testIgnore: PROCESSES, use: { ...devices["Desktop Chrome"] } },
    // Tests that are sensitive to narrow screens or touch input.
    { name: "phone", grep: /@(only-)?phone/, testIgnore: PROCESSES, use: { ...devices["Pixel 7"] } },
  ],
  webServer: products.map(({ port, url, dataDir }) => ({
    command: "node --import tsx scripts/e2e-server.ts",
    url: `${url}/api/health`,
    env: {
      PORT: port,
      HOST: "127.0.0.1",
      E2E_DATA_DIR: dataDir,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
    },
    timeout: 90_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 20_000 },
  })),
});
