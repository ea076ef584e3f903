"use client";

import { MantineProvider } from "@mantine/core";
import { useTranslations } from "next-intl";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useMemo } from "react";
import { cssVariablesResolver, themeWith } from "./theme";
import { ServerProvider } from "./trpc";
// Part of the first code of all pages: the pages of errors would each bring a copy of it.
import "./ui/page-message";
import { Notices } from "./ui/notices";

/** The providers of every page: theme, server calls, URL state and notifications. */
export function Providers({ children }: { children: ReactNode }) {
  const close = useTranslations("common")("close");
  const theme = useMemo(() => themeWith(close), [close]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={cssVariablesResolver}>
      <NuqsAdapter>
        <ServerProvider>
          {children}
          <Notices />
        </ServerProvider>
      </NuqsAdapter>
    </MantineProvider>
  );
}
