"use client";

import { useTranslations } from "next-intl";
import { AuthPage } from "./auth-page";
import { SignInForm } from "./sign-in-form";

/** The sign-in page. `next` is the path to open afterwards. */
export function SignInPage({ next }: { next: string }) {
  const t = useTranslations("signIn");
  return (
    <AuthPage title={t("title")} subtitle={t("subtitle")} hint={t("hint")}>
      <SignInForm next={next} />
    </AuthPage>
  );
}
