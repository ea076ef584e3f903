"use client";

import { Alert } from "@mantine/core";
import { IconLinkOff } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { AuthPage } from "../../sign-in/auth-page";

/** The page of a link that does not work, for whatever reason. */
export function LinkEndedPage() {
  const t = useTranslations("exports.sharing");
  return (
    <AuthPage title={t("pageTitle")}>
      <Alert color="red" variant="light" icon={<IconLinkOff aria-hidden />} role="alert">
        {t("ended")}
      </Alert>
    </AuthPage>
  );
}
