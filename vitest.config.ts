import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
/** A folder with public server logs, which are not part of the repository. If set, their test suite is included. */
const publicLogs = process.env.PUBLIC_LOGS;
const integration = {
  globalSetup: ["server/testing/global-setup.ts"],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  setupFiles: ["server/testing/property-seed.ts"],
};
const shared = { extends: true as const, resolve: { alias: { "@/": root } } };

export default defineConfig({
  test: {
    // Matches two cores; more forks would compete with PostgreSQL.
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          // They share no module state, so the modules are loaded only once.
          isolate: false,
          include: ["{app,bench,components,messages,scripts,server}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.{int,public}.test.ts"],
          setupFiles: integration.setupFiles,
        },
      },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["{app,bench,scripts,server}/**/*.int.test.ts"],
          ...integration,
        },
      },
      ...(publicLogs === undefined
        ? []
        : [
            {
              ...shared,
              test: {
                name: "public logs",
                include: ["server/**/*.public.test.ts"],
                provide: { publicLogs: path.resolve(publicLogs) },
                ...integration,
              },
            },
          ]),
    ],
  },
});
