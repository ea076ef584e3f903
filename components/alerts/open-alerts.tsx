"use client";

import { Anchor, Box, Skeleton, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconEye, IconFlame, IconHelpCircle } from "@tabler/icons-react";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useQueueWatch } from "../live/queue-watch";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import { useDuration } from "../ui/use-duration";
import { AcknowledgeButton } from "./acknowledge-button";
import classes from "./open-alerts.module.css";
import { pageOfRule } from "./page-of-rule";
import { type Alert, useAlertText } from "./use-alert-text";

/** Active alerts, most severe first, each with a remedy; or that there are none, as far as known. */
export function OpenAlerts() {
  const t = useTranslations("alerts");
  const { alerts, updatedAt } = useQueueWatch();
  if (!alerts || updatedAt === null) return <Skeleton h={54} radius="md" mb="lg" />;
  const sorted = alerts.toSorted((a, b) => weight(a) - weight(b));
  return (
    <Panel mb="lg" aria-label={t("now")} data-testid="open-alerts" style={{ overflow: "hidden" }}>
      {sorted.length === 0 ? (
        <NoAlerts updatedAt={updatedAt} />
      ) : (
        sorted.map((alert) => <OpenAlert key={alert.id} alert={alert} now={updatedAt} />)
      )}
    </Panel>
  );
}

/** A disconnected console, or one with unhealthy intake, does not report that everything is within its thresholds. */
function NoAlerts({ updatedAt }: { updatedAt: number }) {
  const t = useTranslations("alerts");
  const timeZone = useTimeZone() ?? "UTC";
  const { status, connection } = useQueueWatch();
  const isCutOff = connection === "down" || connection === "reconnecting";
  const isHealthy = !isCutOff && status?.status === "healthy";
  const time = formatTime(new Date(updatedAt).toISOString(), timeZone, "time");
  const Glyph = isHealthy ? IconCircleCheck : IconHelpCircle;
  return (
    <div className={classes.none} data-healthy={isHealthy}>
      <Glyph size={24} stroke={1.7} aria-hidden />
      <div>
        <Text fw={600}>{t(isCutOff ? "notKnown" : "noneActive")}</Text>
        <Text size="sm" c="dimmed">
          {isCutOff ? t("notKnownHint", { time }) : t(isHealthy ? "noneActiveHint" : "notHealthyHint")}
        </Text>
      </div>
    </div>
  );
}

function weight({ state, severity }: Alert): number {
  return (state === "acknowledged" ? 2 : 0) + (severity === "critical" ? 0 : 1);
}

function OpenAlert({ alert, now }: { alert: Alert; now: number }) {
  const t = useTranslations("alerts");
  const timeZone = useTimeZone() ?? "UTC";
  const tNav = useTranslations("nav");
  const duration = useDuration();
  const page = pageOfRule(alert.rule);
  const { message } = useAlertText();
  const isAcknowledged = alert.state === "acknowledged";
  const Glyph = isAcknowledged ? IconEye : alert.severity === "critical" ? IconFlame : IconAlertTriangle;
  const ago = duration(Math.max(0, (now - Date.parse(alert.since)) / 1_000));
  return (
    <div className={classes.alert} data-severity={alert.severity} data-state={alert.state} data-rule={alert.rule}>
      <Glyph size={20} stroke={1.7} className={classes.icon} aria-hidden />
      <div>
        <Text fw={600}>{message(alert)}</Text>
        <Text size="sm">
          {t(`rules.${alert.rule}.todo`)}{" "}
          {page && (
            <Anchor component={Link} href={page.path} size="sm">
              {t("openPage", { page: tNav(page.name) })}
            </Anchor>
          )}
        </Text>
        <Text size="xs" c="dimmed" mt={2}>
          {t(`severity.${alert.severity}`)} · {t("since", { time: formatTime(alert.since, timeZone), ago })}
          {alert.acknowledged_by !== null && ` · ${t("acknowledgedBy", { name: alert.acknowledged_by })}`}
        </Text>
      </div>
      {!isAcknowledged && (
        <Box className={classes.action}>
          <AcknowledgeButton id={alert.id} />
        </Box>
      )}
    </div>
  );
}
