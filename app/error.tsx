"use client";

import { useTranslations } from "next-intl";
import { PageMessage } from "@/components/ui/page-message";

export default function ErrorPage({ retry }: { error: unknown; retry: () => void }) {
  const t = useTranslations("errors");
  const tCommon = useTranslations("common");
  return <PageMessage title={t("pageTitle")} hint={t("pageHint")} retryLabel={tCommon("retry")} onRetry={retry} />;
}
