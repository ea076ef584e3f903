"use client";

import { Anchor, Group, Skeleton, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconEye,
  IconFlame,
  IconHelpCircle,
  IconPlayerPause,
} from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { useQueueWatch } from "../live/queue-watch";
import { isCutOff, useLiveOldSince } from "../live/use-old-since";
import { PauseButton } from "../queues/pause-button";
import { PauseFacts } from "../queues/pause-facts";
import type { QueueFigures } from "../queues/queue-figures";
import { usePrincipal } from "../session";
import { IntentLink } from "../ui/intent-link";
import { OldFigures } from "../ui/old-figures";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import { useNumbers } from "../ui/use-numbers";
import { AcknowledgeButton } from "./acknowledge-button";
import { AlertCause } from "./alert-cause";
import { linkOfAlert } from "./link-of-alert";
import classes from "./open-alerts.module.css";
import { type Alert, useAlertText } from "./use-alert-text";

/** The open alerts as a section of their own. */
export function OpenAlerts() {
  const t = useTranslations("alerts");
  return (
    <Panel mb="lg" aria-label={t("now")} style={{ overflow: "hidden" }}>
      <OpenAlertList />
    </Panel>
  );
}

/** Paused queues and active alerts, most severe first, each with its cause and a remedy; or that there are none, as far as known. */
export function OpenAlertList() {
  const { status, alerts, updatedAt, connection } = useQueueWatch();
  const since = useLiveOldSince();
  if (!alerts || updatedAt === null) {
    // As large as the text that there are none, which usually follows.
    return isCutOff(connection) ? <NoAlerts updatedAt={null} /> : <Skeleton h={73} miw="min(100%, 308px)" radius={0} />;
  }
  const sorted = alerts.toSorted((a, b) => weight(a) - weight(b));
  const paused = LOG_TABLE_NAMES.filter(
    (name) => status?.queues[name].paused && !sorted.some((alert) => pausedQueue(alert) === name),
  );
  // That none is known to be active is stated with its time.
  const shownSince = sorted.length === 0 && paused.length === 0 ? null : since;
  return (
    <OldFigures since={shownSince} px={{ base: "md", xs: "lg" }} pt="xs">
      <div data-testid="open-alerts" data-empty={(sorted.length === 0 && paused.length === 0) || undefined}>
        {sorted.map((alert) => (
          <OpenAlert key={alert.id} alert={alert} now={updatedAt} />
        ))}
        {paused.map((name) => status && <PausedQueue key={name} name={name} figures={status.queues[name]} />)}
        {sorted.length === 0 && paused.length === 0 && <NoAlerts updatedAt={updatedAt} />}
      </div>
    </OldFigures>
  );
}

/** A disconnected console, or one with unhealthy intake, does not report that everything is within its thresholds. */
function NoAlerts({ updatedAt }: { updatedAt: number | null }) {
  const t = useTranslations("alerts");
  const timeZone = useTimeZone() ?? "UTC";
  const { status, connection } = useQueueWatch();
  const isUnknown = isCutOff(connection);
  const isHealthy = !isUnknown && status?.status === "healthy";
  const time = updatedAt === null ? null : formatTime(new Date(updatedAt).toISOString(), timeZone, "time");
  const Glyph = isHealthy ? IconCircleCheck : IconHelpCircle;
  return (
    <div className={classes.none} data-healthy={isHealthy}>
      <Glyph size={24} stroke={1.7} aria-hidden />
      <div>
        <Text fw={600}>{t(isUnknown ? "notKnown" : "noneActive")}</Text>
        <Text size="sm" c="dimmed">
          {isUnknown
            ? time !== null && t("notKnownHint", { time })
            : t(isHealthy ? "noneActiveHint" : "notHealthyHint")}
        </Text>
      </div>
    </div>
  );
}

/** The paused queue that is the cause of an alert. */
function pausedQueue({ cause, subject }: Alert): LogTableName | undefined {
  return cause?.code === "alert.paused" ? LOG_TABLE_NAMES.find((name) => name === subject) : undefined;
}

/** A paused queue without an alert. */
function PausedQueue({ name, figures }: { name: LogTableName; figures: QueueFigures }) {
  const t = useTranslations();
  const count = figures.queue_length;
  return (
    <div className={classes.alert} data-paused={name}>
      <IconPlayerPause size={20} stroke={1.7} className={classes.icon} aria-hidden />
      <div>
        <Text fw={600}>{t("queues.pausedTitle", { queue: t(`tables.${name}`) })}</Text>
        <Text size="sm">
          <PauseFacts figures={figures} /> {count !== null && t("queues.pausedWaiting", { count })}
        </Text>
      </div>
      <div className={classes.action}>
        <PauseButton name={name} paused />
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
  const { duration } = useNumbers();
  const { pages } = usePrincipal();
  const { status } = useQueueWatch();
  const link = linkOfAlert(alert);
  const queue = pausedQueue(alert);
  const { message } = useAlertText();
  const isAcknowledged = alert.state === "acknowledged";
  const Glyph = isAcknowledged ? IconEye : alert.severity === "critical" ? IconFlame : IconAlertTriangle;
  const ago = duration(Math.max(0, (now - Date.parse(alert.since)) / 1_000));
  return (
    <div
      className={classes.alert}
      data-severity={alert.severity}
      data-state={alert.state}
      data-rule={alert.rule}
      data-recovering={alert.recovering}
    >
      <Glyph size={20} stroke={1.7} className={classes.icon} aria-hidden />
      <div>
        <Text fw={600}>{message(alert)}</Text>
        {alert.cause && !alert.recovering && (
          <Text size="sm" fw={500} data-testid="alert-cause">
            <AlertCause alert={alert} />
          </Text>
        )}
        <Text size="sm">
          {!alert.cause && !alert.recovering && t(`rules.${alert.rule}.todo`)}{" "}
          {pages.includes(link.page) && (
            <Anchor component={IntentLink} href={link.href} size="sm" underline="always">
              {t("openPage", { page: tNav(link.name) })}
            </Anchor>
          )}
        </Text>
        <Text size="xs" c="dimmed" mt={2}>
          {alert.recovering ? t("recovering") : t(`severity.${alert.severity}`)} ·{" "}
          {t("since", { time: formatTime(alert.since, timeZone), ago })}
          {alert.acknowledged_by !== null && ` · ${t("acknowledgedBy", { name: alert.acknowledged_by })}`}
        </Text>
      </div>
      <Group className={classes.action} gap="xs">
        {queue && status?.queues[queue].paused && <PauseButton name={queue} paused />}
        {!isAcknowledged && <AcknowledgeButton id={alert.id} />}
      </Group>
    </div>
  );
}
