"use client";

import { Alert, Anchor, Button, Collapse, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconChevronDown, IconFlame, IconPlugConnectedX } from "@tabler/icons-react";
import { usePathname } from "next/navigation";
import { useTimeZone, useTranslations } from "next-intl";
import { useId } from "react";
import { AlertCause } from "../alerts/alert-cause";
import { linkOfAlert } from "../alerts/link-of-alert";
import { type Alert as FiringAlert, useAlertText } from "../alerts/use-alert-text";
import { usePrincipal } from "../session";
import { IntentLink } from "../ui/intent-link";
import { formatTime } from "../ui/time";
import classes from "./incident-banner.module.css";
import { useQueueWatch } from "./queue-watch";
import { useIncident } from "./use-incident";

const ICONS = { lost: IconPlugConnectedX, down: IconAlertTriangle, degraded: IconAlertTriangle, alerts: IconFlame };

/** The one banner for lost connections, degraded ingestion and firing alerts, with the details on request. */
export function IncidentBanner() {
  const t = useTranslations();
  const pathname = usePathname();
  const timeZone = useTimeZone() ?? "UTC";
  const { updatedAt } = useQueueWatch();
  const incident = useIncident();
  const [isOpen, { toggle }] = useDisclosure(false);
  const detailsId = useId();
  if (!incident) return null;
  const { kind, severity, title, text, alerts, isReported, isOutdated } = incident;
  // These pages list the alerts themselves.
  const isListed = pathname === "/" || pathname === "/alerts";
  if (isListed && isReported) return null;
  const shown = isListed ? [] : alerts;
  const [first, ...others] = shown;
  const details = text === undefined ? others : shown;
  const Glyph = ICONS[kind];
  return (
    <Alert
      // The title alone is announced: durations in the details change every few seconds.
      role="region"
      aria-label={title}
      color={severity === "critical" ? "red" : "orange"}
      mb="md"
      py="xs"
      icon={<Glyph aria-hidden />}
      title={<span role="alert">{title}</span>}
      data-testid="incident"
      data-kind={kind}
    >
      {text ?? (first && <Detail alert={first} />)}
      {isOutdated && updatedAt !== null && (
        <div>
          {t("connection.numbersFrom", { time: formatTime(new Date(updatedAt).toISOString(), timeZone, "time") })}
        </div>
      )}
      {shown.length > 0 && (
        <>
          <Group gap="md" mt={4}>
            {details.length > 0 && (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                c="inherit"
                ml={-8}
                aria-expanded={isOpen}
                aria-controls={detailsId}
                rightSection={<IconChevronDown size={14} className={classes.chevron} data-open={isOpen} aria-hidden />}
                onClick={toggle}
              >
                {t("alerts.bannerMore", { count: details.length })}
              </Button>
            )}
            <Anchor component={IntentLink} href="/alerts" inherit c="inherit" td="underline" size="xs">
              {t("alerts.bannerLink")}
            </Anchor>
          </Group>
          <Collapse expanded={isOpen}>
            <ul id={detailsId} className={classes.details}>
              {details.map((alert) => (
                <li key={alert.id}>
                  <Detail alert={alert} />
                </li>
              ))}
            </ul>
          </Collapse>
        </>
      )}
    </Alert>
  );
}

function Detail({ alert }: { alert: FiringAlert }) {
  const t = useTranslations();
  const { message } = useAlertText();
  const { pages } = usePrincipal();
  const link = linkOfAlert(alert);
  return (
    <>
      {message(alert)} <AlertCause alert={alert} />{" "}
      {link && pages.includes(link.page) && (
        <Anchor component={IntentLink} href={link.href} inherit c="inherit" td="underline">
          {t("alerts.openPage", { page: t(`nav.${link.name}`) })}
        </Anchor>
      )}
    </>
  );
}
