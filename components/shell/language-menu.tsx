"use client";

import { ActionIcon } from "@mantine/core";
import { IconLanguage } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { MenuButton } from "./menu-button";

const load = () => import("./language-choices").then(({ LanguageChoices }) => LanguageChoices);

/** Switches the language and remembers it for a year. */
export function LanguageMenu() {
  const t = useTranslations("preferences");
  return (
    <MenuButton load={load}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("language")}>
        <IconLanguage size={20} stroke={1.6} />
      </ActionIcon>
    </MenuButton>
  );
}
