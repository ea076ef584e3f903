"use client";

import { Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { ConnectionMark } from "../live/connection-mark";
import { IncidentBanner } from "../live/incident-banner";
import { QueueWatchProvider } from "../live/queue-watch";
import { type Principal, PrincipalProvider } from "../session";
import { IntentLink } from "../ui/intent-link";
import { Brand } from "./brand";
import { ColorSchemeMenu } from "./color-scheme-menu";
import { LanguageMenu } from "./language-menu";
import { Navigation } from "./navigation";
import { CommandPalette } from "./palette/command-palette";
import classes from "./shell.module.css";
import { UserMenu } from "./user-menu";

/** The layout of every dashboard page. */
export function Shell({ principal, children }: { principal: Principal; children: ReactNode }) {
  const t = useTranslations();
  const [opened, { toggle, close }] = useDisclosure(false);

  return (
    <PrincipalProvider principal={principal}>
      <QueueWatchProvider>
        <a href="#main" className={classes.skip}>
          {t("app.skipToContent")}
        </a>
        <div className={classes.shell}>
          <header className={classes.header}>
            <Group gap="xs" wrap="nowrap">
              <Burger
                opened={opened}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={opened ? t("nav.close") : t("nav.open")}
                aria-expanded={opened}
              />
              <IntentLink href="/" className={classes.brand} aria-label={`${t("app.platform")} ${t("app.name")}`}>
                <Brand compact />
              </IntentLink>
            </Group>
            <Group gap={4} wrap="nowrap">
              <CommandPalette />
              <ConnectionMark />
              <LanguageMenu />
              <ColorSchemeMenu />
              <UserMenu />
            </Group>
          </header>
          <nav className={classes.pages} data-opened={opened || undefined} aria-label={t("nav.label")}>
            <Navigation onNavigate={close} />
          </nav>
          <main id="main" tabIndex={-1} className={classes.main}>
            <IncidentBanner />
            {children}
          </main>
        </div>
      </QueueWatchProvider>
    </PrincipalProvider>
  );
}
