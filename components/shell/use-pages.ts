"use client";

import {
  type Icon,
  IconBell,
  IconChartHistogram,
  IconClock,
  IconDatabase,
  IconFileExport,
  IconFileImport,
  IconFilterCog,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconLayoutGrid,
  IconList,
  IconMailX,
  IconShieldLock,
  IconStack2,
  IconTimeline,
  IconTrash,
  IconUserCog,
  IconUsers,
} from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type LogTableName, logTableList } from "@/server/catalog";
import { useQueueWatch } from "../live/queue-watch";
import { useLiveOldSince } from "../live/use-old-since";
import { type PageName, usePrincipal } from "../session";

interface Item {
  /** The page permission that the user needs. */
  page: PageName;
  href: string;
  label: string;
  icon: Icon;
  /** A count shown as a badge; 0 shows none. */
  count?: number;
}

const TABLE_ICONS: Partial<Record<LogTableName, Icon>> = { user_activities: IconUsers };

/** The pages that the user may open, in groups. */
export function usePages(): { label: string; items: Item[] }[] {
  const t = useTranslations();
  const { status, alerts } = useQueueWatch();
  const { pages } = usePrincipal();
  // Old counts would look current.
  const isOld = useLiveOldSince() !== null;
  const deadLetters = isOld
    ? 0
    : Object.values(status?.queues ?? {}).reduce((sum, queue) => sum + queue.dead_letters, 0);
  const firing = isOld ? 0 : (alerts ?? []).filter(({ state }) => state === "firing").length;
  const groups: { label: string; items: Item[] }[] = [
    {
      label: t("nav.watch"),
      items: [
        { page: "/", href: "/", label: t("nav.overview"), icon: IconLayoutDashboard },
        { page: "/dashboards", href: "/dashboards", label: t("nav.dashboards"), icon: IconLayoutGrid },
        { page: "/alerts", href: "/alerts", label: t("nav.alerts"), icon: IconBell, count: firing },
        { page: "/tables", href: "/tables", label: t("nav.tables"), icon: IconDatabase },
      ],
    },
    {
      label: t("nav.intake"),
      items: [
        { page: "/queues", href: "/queues", label: t("nav.queues"), icon: IconStack2 },
        {
          page: "/dead-letters",
          href: "/dead-letters",
          label: t("nav.deadLetters"),
          icon: IconMailX,
          count: deadLetters,
        },
        { page: "/imports", href: "/imports", label: t("nav.import"), icon: IconFileImport },
        { page: "/intake-rules", href: "/intake-rules", label: t("nav.intakeRules"), icon: IconFilterCog },
      ],
    },
    {
      label: t("nav.logs"),
      items: [
        ...logTableList.map((table) => ({
          page: "/logs/[table]" as const,
          href: `/logs/${table.path}`,
          label: t(`tables.${table.name}`),
          icon: TABLE_ICONS[table.name] ?? IconList,
        })),
        { page: "/timeline", href: "/timeline", label: t("nav.timeline"), icon: IconTimeline },
        { page: "/explore", href: "/explore", label: t("nav.explore"), icon: IconChartHistogram },
        { page: "/exports", href: "/exports", label: t("nav.exports"), icon: IconFileExport },
      ],
    },
    {
      label: t("nav.maintenance"),
      items: [
        { page: "/retention", href: "/retention", label: t("nav.cleanup"), icon: IconTrash },
        { page: "/schedules", href: "/schedules", label: t("nav.tasks"), icon: IconClock },
      ],
    },
    {
      label: t("nav.administration"),
      items: [
        { page: "/settings/users", href: "/settings/users", label: t("nav.users"), icon: IconUserCog },
        { page: "/settings/api-keys", href: "/settings/api-keys", label: t("nav.apiKeys"), icon: IconKey },
        { page: "/settings/privacy", href: "/settings/privacy", label: t("nav.privacy"), icon: IconShieldLock },
        { page: "/audit", href: "/audit", label: t("nav.audit"), icon: IconHistory },
      ],
    },
  ];
  return groups
    .map(({ label, items }) => ({ label, items: items.filter(({ page }) => pages.includes(page)) }))
    .filter(({ items }) => items.length > 0);
}
