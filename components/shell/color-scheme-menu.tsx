"use client";

import { ActionIcon } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { MenuButton } from "./menu-button";

const load = () => import("./color-scheme-choices").then(({ ColorSchemeChoices }) => ColorSchemeChoices);

/** Switches the color scheme. The icon is selected by CSS, so that it is correct at the first paint. */
export function ColorSchemeMenu() {
  const t = useTranslations("preferences");
  return (
    <MenuButton load={load}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("colorScheme")}>
        <IconSun size={20} stroke={1.6} className="mantine-dark-hidden" />
        <IconMoon size={20} stroke={1.6} className="mantine-light-hidden" />
      </ActionIcon>
    </MenuButton>
  );
}
