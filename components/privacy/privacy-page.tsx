"use client";

import { useTranslations } from "next-intl";
import { PageHeader } from "@/components/ui/page-header";
import { PrivacyPanel } from "./privacy-panel";

/** The data masking page. */
export function PrivacyPage() {
  const t = useTranslations("privacy");
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      <PrivacyPanel />
    </>
  );
}
