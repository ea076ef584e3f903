"use client";

import { useInterval } from "@mantine/hooks";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { PageMessage } from "@/components/ui/page-message";

const REFRESH_MS = 4_000;

/** Replaces the dashboard while sessions cannot be read; retries automatically. */
export function DatabaseAway() {
  const t = useTranslations();
  const router = useRouter();
  useInterval(() => router.refresh(), REFRESH_MS, { autoInvoke: true });
  return (
    <PageMessage
      title={t("errors.unavailableTitle")}
      hint={t("errors.unavailableHint")}
      retryLabel={t("common.retry")}
      onRetry={() => router.refresh()}
    />
  );
}
