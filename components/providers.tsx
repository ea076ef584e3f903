"use client";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { cssVariablesResolver, theme } from "./theme";
import { ServerProvider } from "./trpc";

/** The providers of every page: theme, server calls, URL state and notifications. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={cssVariablesResolver}>
      <NuqsAdapter>
        <ServerProvider>
          {children}
          <Notifications position="bottom-right" />
        </ServerProvider>
      </NuqsAdapter>
    </MantineProvider>
  );
}
