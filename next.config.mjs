import { PHASE_PRODUCTION_SERVER } from "next/constants.js";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types of all code, so the build does not repeat it.
  typescript: { ignoreBuildErrors: true },
  // No page has images to optimize. This setting also disables /_next/image.
  images: { unoptimized: true },
  // The URLs of pages before 0.2.0.
  redirects: async () =>
    Object.entries({ "/import": "/imports", "/cleanup": "/retention", "/tasks": "/schedules" }).map(
      ([source, destination]) => ({ source, destination, permanent: true }),
    ),
  // Native or stateful packages that must not be bundled into the server build.
  serverExternalPackages: [
    "pino",
    "pino-pretty",
    "postgres",
    "@clickhouse/client",
    "ioredis",
    "exceljs",
    "@aws-sdk/client-s3",
    "@aws-sdk/lib-storage",
    "@aws-sdk/s3-request-presigner",
  ],
  // The browser is sent compiled messages (messages/compile.ts) and needs no parser for them.
  turbopack: {
    resolveAlias: {
      "use-intl/format-message": {
        browser: "use-intl/format-message/format-only",
        default: "./messages/format-message.ts",
      },
    },
  },
  experimental: {
    // Lets forbidden() respond with 403 and show app/(dashboard)/forbidden.tsx in place of a page.
    authInterrupts: true,
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
  },
};

/**
 * The plugin only configures the build, and loads a compiler, which the container image does not contain.
 * @param {string} phase
 */
export default async (phase) => {
  if (phase === PHASE_PRODUCTION_SERVER) return config;
  const { default: createNextIntlPlugin } = await import("next-intl/plugin");
  return createNextIntlPlugin("./server/web/i18n.ts")(config);
};
