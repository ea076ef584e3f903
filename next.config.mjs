import createNextIntlPlugin from "next-intl/plugin";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types, of all code; a build need not do it again.
  typescript: { ignoreBuildErrors: true },
  // No page has images to optimize; without it /_next/image does not exist.
  images: { unoptimized: true },
  // The addresses of pages before 0.2.0.
  redirects: async () =>
    Object.entries({ "/import": "/imports", "/cleanup": "/retention", "/tasks": "/schedules" }).map(
      ([source, destination]) => ({ source, destination, permanent: true }),
    ),
  // Native or stateful packages that must not be bundled into the server build.
  serverExternalPackages: ["pino", "pino-pretty", "postgres", "ioredis", "exceljs"],
  experimental: {
    // forbidden() answers 403 and shows app/(dashboard)/forbidden.tsx in place of a page.
    authInterrupts: true,
    optimizePackageImports: ["@mantine/core", "@mantine/hooks", "@tabler/icons-react"],
  },
};

export default createNextIntlPlugin("./server/web/i18n.ts")(config);
