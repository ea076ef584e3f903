"use client";

import { useTranslations } from "next-intl";
import { PageHeader } from "../ui/page-header";
import { AlertHistory } from "./alert-history";
import { OpenAlerts } from "./open-alerts";
import { RulesPanel } from "./rules-panel";
import { WebhooksPanel } from "./webhooks-panel";

export function AlertsPage() {
  const t = useTranslations("alerts");
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      <OpenAlerts />
      <WebhooksPanel />
      <RulesPanel />
      <AlertHistory />
    </>
  );
}
