"use client";

import { UnstyledButton } from "@mantine/core";
import { IconArchive, IconUserBolt, IconWorld } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { type Column, type LogTableName, logTables } from "@/server/catalog";
import { LogCell } from "../logs/log-cell";
import { formatTime } from "../ui/time";
import classes from "./timeline.module.css";
import type { TimelineEvent } from "./use-timeline";

/** The columns that tell what happened, in the order of a sentence. */
const SENTENCES: Readonly<Record<LogTableName, readonly string[]>> = {
  access_logs: ["request_method", "request_path", "status_code", "response_time"],
  user_activities: ["action", "resource_type", "resource_id", "details"],
};

const ICONS = { access_logs: IconWorld, user_activities: IconUserBolt } as const;

interface Props {
  event: TimelineEvent;
  /** The day under which it is listed. */
  day: string;
  onOpen: () => void;
}

/** An event as a line that opens its details. */
export function EventLine({ event, day, onOpen }: Props) {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const { table } = event;
  const Glyph = ICONS[table];
  const time = formatTime(event.created_at, timeZone, "ms");
  const columns: readonly Column[] = logTables[table].columns;
  const shown = SENTENCES[table].flatMap((name) => {
    const value = event[name];
    const column = columns.find((other) => other.name === name);
    return column && value !== null && value !== undefined && value !== "" ? [{ column, value }] : [];
  });
  return (
    <UnstyledButton className={classes.event} aria-haspopup="dialog" onClick={onOpen}>
      <span className={classes.time} title={time}>
        {time.startsWith(day) ? time.slice(11, 19) : time.slice(5, 19)}
      </span>
      <span className={classes.icon} data-table={table} title={t(`tables.${table}`)}>
        <Glyph size={15} stroke={1.7} role="img" aria-label={t(`tables.${table}`)} />
      </span>
      <span className={classes.sentence}>
        {shown.map(({ column, value }) => (
          <span key={column.name} data-column={column.name}>
            <LogCell column={column} value={value} />
          </span>
        ))}
        {event.archived === true && (
          <span className={classes.icon} title={t("logs.archived")}>
            <IconArchive size={14} stroke={1.6} role="img" aria-label={t("logs.archived")} />
          </span>
        )}
      </span>
    </UnstyledButton>
  );
}
