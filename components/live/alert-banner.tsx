"use client";

import { Alert, Anchor } from "@mantine/core";
import { IconFlame } from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useAlertText } from "../alerts/use-alert-text";
import { useQueueWatch } from "./queue-watch";

/** The banner for firing alerts; omitted on pages that list them. */
export function AlertBanner() {
  const t = useTranslations("alerts");
  const pathname = usePathname();
  const { alerts } = useQueueWatch();
  const { message } = useAlertText();
  const firing = (alerts ?? [])
    .filter(({ state }) => state === "firing")
    .toSorted((a, b) => Number(b.severity === "critical") - Number(a.severity === "critical"));
  const [first] = firing;
  if (!first || pathname === "/" || pathname === "/alerts") return null;
  return (
    <Alert
      color={first.severity === "critical" ? "red" : "orange"}
      mb="md"
      py="xs"
      role="alert"
      icon={<IconFlame aria-hidden />}
      title={t("banner", { count: firing.length })}
      data-testid="alert-banner"
    >
      {message(first)} {firing.length > 1 && `${t("more", { count: firing.length - 1 })} `}
      <Anchor component={Link} href="/alerts" inherit c="inherit" td="underline">
        {t("bannerLink")}
      </Anchor>
    </Alert>
  );
}
