"use client";

import { Menu, Text } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { usePrincipal } from "../session";
import { IntentLink } from "../ui/intent-link";
import type { MenuProps } from "./menu-button";
import { useSignOut } from "./use-sign-out";

export function UserChoices({ target, ...state }: MenuProps) {
  const t = useTranslations();
  const principal = usePrincipal();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={220} {...state}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">
            {principal.name}
          </Text>
          <Text size="xs">{t(`user.role.${principal.role}`)}</Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={IntentLink} href="/settings/account" leftSection={<IconUser size={16} stroke={1.6} />}>
          {t("nav.account")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={signOut}>
          {t("user.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
