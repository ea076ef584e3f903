"use client";

import { useTranslations } from "next-intl";
import { OpenAlertList } from "../../alerts/open-alerts";
import { Panel } from "../../ui/panel";
import { HealthLine } from "./health-line";
import { type ForecastQuery, KeyFigures } from "./key-figures";
import classes from "./status.module.css";

/** What is wrong now, in one band: alerts and paused queues, the health of the components, and the current figures. */
export function StatusPanel({ forecast }: { forecast: ForecastQuery }) {
  const t = useTranslations("overview");
  return (
    <Panel className={classes.panel} aria-label={t("status")} data-testid="status">
      <OpenAlertList />
      <HealthLine />
      <KeyFigures forecast={forecast} />
    </Panel>
  );
}
