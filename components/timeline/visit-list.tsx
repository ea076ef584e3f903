"use client";

import { Title } from "@mantine/core";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { useMemo } from "react";
import { rowKey } from "../logs/log-row";
import { formatTime } from "../ui/time";
import { useDuration } from "../ui/use-duration";
import { EventLine } from "./event-line";
import classes from "./timeline.module.css";
import type { TimelineEvent } from "./use-timeline";
import { groupVisits, type Visit } from "./visits";

interface Props {
  /** Newest first. */
  events: readonly TimelineEvent[];
  hasMore: boolean;
  onOpen: (row: string) => void;
}

/** The events by day and visit, newest first. */
export function VisitList({ events, hasMore, onOpen }: Props) {
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const days = useMemo(() => groupVisits(events, hasMore, timeZone), [events, hasMore, timeZone]);
  return days.map(({ date, visits }) => (
    <section key={date} aria-label={date}>
      <Title order={2} size="h3" className={classes.day}>
        <time dateTime={date}>{date}</time>
        <span className={classes.weekday}>
          {format.dateTime(new Date(`${date}T12:00:00Z`), { weekday: "long", timeZone: "UTC" })}
        </span>
      </Title>
      {visits.map((visit) => (
        <div key={visit.events[0] ? eventKey(visit.events[0]) : date} className={classes.visit}>
          <VisitHeader visit={visit} />
          <ol className={classes.events}>
            {visit.events.map((event) => (
              <li key={eventKey(event)}>
                <EventLine event={event} day={date} onOpen={() => onOpen(eventKey(event))} />
              </li>
            ))}
          </ol>
        </div>
      ))}
    </section>
  ));
}

/** The key of an event in the URL: an id may occur in both tables. */
export function eventKey(event: TimelineEvent): string {
  return `${event.table}~${rowKey(event)}`;
}

function VisitHeader({ visit }: { visit: Visit<TimelineEvent> }) {
  const t = useTranslations("timeline");
  const duration = useDuration();
  const timeZone = useTimeZone() ?? "UTC";
  const { events, seconds, isWhole } = visit;
  const first = events.at(-1)?.created_at ?? "";
  const last = events[0]?.created_at ?? "";
  const clock = (time: string) => formatTime(time, timeZone, "time").slice(0, 5);
  const times = clock(first) === clock(last) ? clock(last) : t("times", { first: clock(first), last: clock(last) });
  return (
    <h3 className={classes.visitHead}>
      <span>{isWhole ? times : t("until", { last: clock(last) })}</span>
      <span className={classes.visitFacts}>
        {isWhole
          ? t(events.length === 1 ? "events" : "visit", { duration: duration(seconds), count: events.length })
          : t("partOfVisit", { count: events.length })}
      </span>
    </h3>
  );
}
