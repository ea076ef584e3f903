"use client";

import { Box, Skeleton, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconEye, IconFlame } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import { useDuration } from "../ui/use-duration";
import { AcknowledgeButton } from "./acknowledge-button";
import classes from "./open-alerts.module.css";
import { type Alert, useAlertText } from "./use-alert-text";

/** What is wrong now, the worst first, each with what to do; or that all is well. `alerts` is null before the first answer. */
export function OpenAlerts({ alerts, now }: { alerts: readonly Alert[] | null; now: number }) {
  const t = useTranslations("alerts");
  if (!alerts) return <Skeleton h={54} radius="md" mb="lg" />;
  const sorted = alerts.toSorted((a, b) => weight(a) - weight(b));
  return (
    <Panel mb="lg" aria-label={t("now")} data-testid="open-alerts" style={{ overflow: "hidden" }}>
      {sorted.length === 0 ? (
        <div className={classes.well}>
          <IconCircleCheck size={24} stroke={1.7} aria-hidden />
          <div>
            <Text fw={600}>{t("allWell")}</Text>
            <Text size="sm" c="dimmed">
              {t("allWellHint")}
            </Text>
          </div>
        </div>
      ) : (
        sorted.map((alert) => <OpenAlert key={alert.id} alert={alert} now={now} />)
      )}
    </Panel>
  );
}

function weight({ state, severity }: Alert): number {
  return (state === "acknowledged" ? 2 : 0) + (severity === "critical" ? 0 : 1);
}

function OpenAlert({ alert, now }: { alert: Alert; now: number }) {
  const t = useTranslations("alerts");
  const timeZone = useTimeZone() ?? "UTC";
  const duration = useDuration();
  const { message } = useAlertText();
  const isAcknowledged = alert.state === "acknowledged";
  const Glyph = isAcknowledged ? IconEye : alert.severity === "critical" ? IconFlame : IconAlertTriangle;
  const ago = duration(Math.max(0, (now - Date.parse(alert.since)) / 1_000));
  return (
    <div className={classes.alert} data-severity={alert.severity} data-state={alert.state} data-rule={alert.rule}>
      <Glyph size={20} stroke={1.7} className={classes.icon} aria-hidden />
      <div>
        <Text fw={600}>{message(alert)}</Text>
        <Text size="sm">{t(`rules.${alert.rule}.todo`)}</Text>
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
