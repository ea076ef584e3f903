"use client";

import { Anchor, Text } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { BrowsedTable } from "@/server/catalog";
import { SUBJECTS } from "@/server/catalog/timeline-subjects";
import classes from "./timeline.module.css";
import { timelineHref } from "./timeline-href";

interface Props {
  /** As the user may query it: without filters on masked columns. */
  table: BrowsedTable;
  row: Readonly<Record<string, unknown>>;
}

/** Links from an event to everything by its user, session or IP address. */
export function TimelineLinks({ table, row }: Props) {
  const t = useTranslations("timeline");
  const links = SUBJECTS.flatMap((subject) => {
    const value = row[subject];
    const isKnown = table.columns.some(({ name, filter }) => name === subject && filter !== undefined);
    return isKnown && typeof value === "string" && value !== "" ? [{ subject, value }] : [];
  });
  if (links.length === 0) return null;
  return (
    <nav aria-label={t("everything.label")} className={classes.links}>
      <IconTimeline size={16} stroke={1.6} aria-hidden />
      <Text size="sm" c="dimmed">
        {t("everything.label")}
      </Text>
      {links.map(({ subject, value }) => (
        <Anchor
          key={subject}
          component={Link}
          size="sm"
          href={timelineHref(subject, value, { archived: row.archived === true })}
        >
          {t(`everything.${subject}`)}
        </Anchor>
      ))}
    </nav>
  );
}
