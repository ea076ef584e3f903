"use client";

import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { useTranslations } from "next-intl";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { cssVariablesResolver, theme } from "./theme";
import { ServerProvider } from "./trpc";

/** The providers of every page: theme, server calls, URL state, dialogs and messages. */
export function Providers({ children }: { children: ReactNode }) {
  const t = useTranslations("common");
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={cssVariablesResolver}>
      <NuqsAdapter>
        <ServerProvider>
          <ModalsProvider labels={{ confirm: t("yes"), cancel: t("cancel") }}>{children}</ModalsProvider>
          <Notifications position="bottom-right" />
        </ServerProvider>
      </NuqsAdapter>
    </MantineProvider>
  );
}
