"use client";

import { useTranslations } from "next-intl";
import { AuthPage } from "./auth-page";
import { SignInForm } from "./sign-in-form";

/** Where people sign in. `next`: the path to go to afterwards. */
export function SignInPage({ next }: { next: string }) {
  const t = useTranslations("signIn");
  return (
    <AuthPage title={t("title")} subtitle={t("subtitle")} hint={t("hint")}>
      <SignInForm next={next} />
    </AuthPage>
  );
}
