"use client";

import { Avatar, UnstyledButton } from "@mantine/core";
import { useTranslations } from "next-intl";
import { usePrincipal } from "../session";
import { MenuButton } from "./menu-button";

const load = () => import("./user-choices").then(({ UserChoices }) => UserChoices);

/** The signed-in user with their role, and the sign-out button. */
export function UserMenu() {
  const t = useTranslations("user");
  const principal = usePrincipal();
  return (
    <MenuButton load={load}>
      <UnstyledButton aria-label={t("menu")} style={{ borderRadius: "50%" }}>
        <Avatar size={32} color="accent" radius="xl">
          {principal.name.slice(0, 1).toUpperCase()}
        </Avatar>
      </UnstyledButton>
    </MenuButton>
  );
}
