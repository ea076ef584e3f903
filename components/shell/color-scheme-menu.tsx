"use client";

import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslations } from "next-intl";

const SCHEMES = [
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
  { value: "auto", icon: IconDeviceDesktop },
] as const;

/** Switches the color scheme. The icon is selected by CSS, so that it is correct at the first paint. */
export function ColorSchemeMenu() {
  const t = useTranslations("preferences");
  const { colorScheme, setColorScheme } = useMantineColorScheme();

  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("colorScheme")}>
          <IconSun size={20} stroke={1.6} className="mantine-dark-hidden" />
          <IconMoon size={20} stroke={1.6} className="mantine-light-hidden" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={colorScheme}>
          {SCHEMES.map(({ value, icon: Glyph }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              onChange={() => setColorScheme(value)}
              rightSection={<Glyph size={16} stroke={1.6} />}
              closeMenuOnClick
            >
              {t(value)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
