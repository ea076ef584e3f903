"use client";

import { ActionIcon, Button, EmptyState, Menu } from "@mantine/core";
import { IconArchive, IconChevronDown, IconFileExport, IconRefresh, IconTimeline } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useMay } from "../session";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { PageHeader } from "../ui/page-header";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { RowsSkeleton } from "../ui/rows-skeleton";
import { ShowMore } from "../ui/show-more";
import { Tooltip } from "../ui/tooltip";
import { EventDrawer } from "./event-drawer";
import { NoEvents } from "./no-events";
import { SubjectForm } from "./subject-form";
import classes from "./timeline.module.css";
import { TimelineFacts } from "./timeline-facts";
import { useTimeline } from "./use-timeline";
import { VisitList } from "./visit-list";

/** Everything by a user, session or IP address in all log tables. */
export function TimelinePage() {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const mayExport = useMay("export");
  const timeline = useTimeline();
  const { list, subjects, archived } = timeline;
  const events = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const hasSubject = subjects.length > 0;
  const isAsked = hasSubject && timeline.problem === undefined;
  const file = (format: "csv" | "ndjson") =>
    `/api/v1/batch-processing/timeline/export?${new URLSearchParams({
      ...Object.fromEntries(Object.entries(timeline.selection).map(([name, value]) => [name, String(value)])),
      format,
      ...(format === "csv" && { bom: "true" }),
    })}`;

  return (
    <>
      <PageHeader title={t("timeline.title")} subtitle={t("timeline.subtitle", { timeZone })}>
        {hasSubject && (
          <>
            <Tooltip label={t("logs.archivesHint")}>
              <Button
                variant={archived ? "light" : "default"}
                aria-pressed={archived}
                leftSection={<IconArchive size={16} stroke={1.6} />}
                onClick={() => timeline.setArchived(!archived)}
              >
                {t("logs.archives")}
              </Button>
            </Tooltip>
            {mayExport && isAsked && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button
                    variant="default"
                    leftSection={<IconFileExport size={16} stroke={1.6} />}
                    rightSection={<IconChevronDown size={14} />}
                  >
                    {t("logs.export")}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item component="a" href={file("csv")} download>
                    CSV
                  </Menu.Item>
                  <Menu.Item component="a" href={file("ndjson")} download>
                    NDJSON
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
            <Tooltip label={t("common.refresh")}>
              <ActionIcon
                variant="default"
                size={36}
                aria-label={t("common.refresh")}
                loading={list.isRefetching}
                onClick={timeline.refresh}
              >
                <IconRefresh size={18} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          </>
        )}
      </PageHeader>
      <div className={classes.search}>
        <SubjectForm key={JSON.stringify([subjects, timeline.filter])} timeline={timeline} />
        {hasSubject && <TimeRangePicker range={timeline.range} onChange={timeline.setRange} />}
      </div>
      {!hasSubject && (
        <EmptyState
          icon={<IconTimeline stroke={1.6} />}
          py={56}
          title={t("timeline.start.title")}
          description={t("timeline.start.hint")}
        />
      )}
      {hasSubject && events.length > 0 && <TimelineFacts timeline={timeline} />}
      <QueryError query={list} mb="md" />
      {isAsked && (list.data || list.isPending) && (
        <Panel aria-label={t("timeline.title")} aria-busy={list.isFetching}>
          {list.isPending && <RowsSkeleton />}
          {list.data && events.length === 0 && <NoEvents timeline={timeline} />}
          {events.length > 0 && (
            <VisitList events={events} hasMore={list.hasNextPage} onOpen={(row) => timeline.setRow(row, "push")} />
          )}
          <ShowMore list={list} />
        </Panel>
      )}
      <EventDrawer timeline={timeline} events={events} />
    </>
  );
}
