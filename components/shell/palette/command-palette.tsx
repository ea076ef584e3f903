"use client";

import { Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useHotkeys, useOs } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useOnDemand } from "../../ui/use-on-demand";
import classes from "./command-palette.module.css";

const load = () => import("./palette-dialog").then(({ PaletteDialog }) => PaletteDialog);

/** The button and the keys Ctrl K and ⌘ K that open the command palette, whose code is loaded with it. */
export function CommandPalette() {
  const t = useTranslations("palette");
  const [opened, { open, close, toggle }] = useDisclosure(false);
  const [PaletteDialog, request] = useOnDemand(load);
  const isMac = useOs() === "macos";
  const press = () => {
    if (PaletteDialog) return toggle();
    request();
    open();
  };
  useHotkeys([["mod+K", press]], []);
  return (
    <>
      <UnstyledButton
        className={classes.open}
        aria-haspopup="dialog"
        onMouseEnter={() => request(true)}
        onFocus={() => request(true)}
        onClick={press}
      >
        <IconSearch size={17} stroke={1.6} aria-hidden />
        <Text span size="sm" c="dimmed" visibleFrom="md">
          {t("search")}
        </Text>
        <VisuallyHidden hiddenFrom="md">{t("search")}</VisuallyHidden>
        <kbd className={classes.key}>{isMac ? "⌘ K" : "Ctrl K"}</kbd>
      </UnstyledButton>
      {PaletteDialog && <PaletteDialog opened={opened} onClose={close} />}
    </>
  );
}
