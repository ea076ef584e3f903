import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
/** A folder with public server logs, which are not part of the repository. If set, their test suite is included. */
const publicLogs = process.env.PUBLIC_LOGS;
/** Builds and runs the container image. Needs root, debootstrap and a finished `npm run build`. */
const checksImage = process.env.CHECK_IMAGE === "true";
const integration = {
  globalSetup: ["server/testing/global-setup.ts"],
  setupFiles: ["server/testing/property-seed.ts"],
};
const shared = { extends: true as const, resolve: { alias: { "@/": root } } };

export default defineConfig({
  test: {
    // More than two cores: many tests wait for a timeout or a restarted server most of the time.
    maxWorkers: 4,
    // For busy machines: on an idle one, the longest test takes half a minute.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          // They share no module state, so the modules are loaded only once.
          isolate: false,
          include: ["{app,bench,components,deploy,messages,scripts,server}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.{int,public,image}.test.ts"],
          setupFiles: integration.setupFiles,
        },
      },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["{app,bench,deploy,scripts,server}/**/*.int.test.ts"],
          ...integration,
        },
      },
      ...(checksImage
        ? [{ ...shared, test: { name: "image", include: ["deploy/**/*.image.test.ts"], ...integration } }]
        : []),
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
