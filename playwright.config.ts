import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { defineConfig, devices } from "@playwright/test";

/** Playwright loads this file in each of its processes: the first picks the port, the others inherit it. */
process.env.E2E_PORT ??= execFileSync(process.execPath, [
  "-e",
  "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })",
])
  .toString()
  .trim();

/** The product's data; who starts it makes and removes the folder. */
process.env.E2E_DATA_DIR ??= path.join(tmpdir(), `batch-console-e2e-${randomUUID()}`);

/** Starts and stops the product itself; they need the build, but no browser. */
const PROCESSES = "processes.spec.ts";

const baseURL = `http://127.0.0.1:${process.env.E2E_PORT}`;

export const ADMIN = { email: "admin@example.com", password: "correct horse battery" };

const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

const launchOptions = {
  executablePath: process.env.CHROMIUM_PATH,
  args: process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet,
};

export default defineConfig({
  testDir: "e2e",
  // One product and one database for all.
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL,
    locale: "en-US",
    timezoneId: "Asia/Shanghai",
    // Without its film, which takes half a processor while every test runs.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions,
  },
  projects: [
    { name: "processes", testMatch: PROCESSES },
    { name: "desktop", testIgnore: PROCESSES, use: { ...devices["Desktop Chrome"] } },
    // What a narrow window or a finger could break; the rest is the same code.
    { name: "phone", grep: /@phone/, testIgnore: PROCESSES, use: { ...devices["Pixel 7"] } },
  ],
  webServer: {
    command: "node --import tsx scripts/e2e-server.ts",
    url: `${baseURL}/api/health`,
    env: { PORT: process.env.E2E_PORT, HOST: "127.0.0.1", ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
    timeout: 90_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 20_000 },
  },
});
