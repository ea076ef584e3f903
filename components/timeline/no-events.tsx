"use client";

import { Button, EmptyState } from "@mantine/core";
import { IconCalendarOff } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { Timeline } from "./use-timeline";

/** Empty state: what might be excluded. */
export function NoEvents({ timeline }: { timeline: Timeline }) {
  const t = useTranslations();
  return (
    <EmptyState
      icon={<IconCalendarOff stroke={1.6} />}
      py={56}
      title={t("timeline.empty.title")}
      description={t("timeline.empty.hint")}
    >
      <EmptyState.Actions>
        {timeline.range !== null && <Button onClick={() => timeline.setRange(null)}>{t("logs.empty.allTime")}</Button>}
        {timeline.filter !== "" && (
          <Button variant="default" onClick={() => timeline.setFilter("")}>
            {t("timeline.empty.clearWords")}
          </Button>
        )}
        {!timeline.archived && (
          <Button variant="default" onClick={() => timeline.setArchived(true)}>
            {t("logs.empty.searchArchives")}
          </Button>
        )}
      </EmptyState.Actions>
    </EmptyState>
  );
}
