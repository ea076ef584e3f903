import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { SetPasswordPage } from "@/components/sign-in/set-password-page";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("setPassword");
  return { title: t("title"), referrer: "no-referrer" };
}

export default function Page() {
  return (
    <Messages of="(auth)/set-password/page">
      <SetPasswordPage />
    </Messages>
  );
}
