"use client";

import { Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { usePrincipal } from "../session";
import { PageHeader } from "../ui/page-header";
import { PasswordPanel } from "./password-panel";
import { SessionsPanel } from "./sessions-panel";

/** The page of the user's own account. */
export function AccountPage() {
  const t = useTranslations("account");
  const { name, role } = usePrincipal();
  const tRole = useTranslations("user.role");
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <Text size="sm">
          {name} · {tRole(role)}
        </Text>
      </PageHeader>
      <PasswordPanel />
      <SessionsPanel />
    </>
  );
}
