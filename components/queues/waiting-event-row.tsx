"use client";

import { Badge, Code, Group, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { RowValues } from "../mappings/row-values";
import type { RouterOutputs } from "../trpc";
import { useBytes } from "../ui/use-bytes";
import { useCodedError } from "../ui/use-coded-error";
import { useDuration } from "../ui/use-duration";
import classes from "./waiting-events.module.css";

const COLORS = { row: "teal", dead_letter: "red", dropped: "violet" } as const;

type WaitingEvent = RouterOutputs["queues"]["peek"]["items"][number];

/** A waiting event and what becomes of it. */
export function WaitingEventRow({ event, showsRow = false }: { event: WaitingEvent; showsRow?: boolean }) {
  const t = useTranslations("queues.peek");
  const bytes = useBytes();
  const duration = useDuration();
  const problemText = useCodedError();
  const facts = [
    event.waiting_seconds === null ? null : t("waits", { time: duration(Math.round(event.waiting_seconds)) }),
    event.size_bytes === null ? null : bytes(event.size_bytes),
  ].filter((fact) => fact !== null);
  return (
    <li className={classes.event} data-outcome={event.outcome}>
      <Group gap={8}>
        <span className={classes.position}>{event.position}</span>
        <Badge size="sm" variant="light" tt="none" color={COLORS[event.outcome]}>
          {t(`outcomes.${event.outcome}`)}
        </Badge>
        <Text size="xs" c="dimmed">
          {facts.join(" · ")}
        </Text>
      </Group>
      {event.error && (
        <Text size="sm" c="var(--app-bad)" mt={4}>
          {problemText(event.error)}
        </Text>
      )}
      {event.dropped_by !== null && (
        <Text size="sm" mt={4}>
          {t("droppedBy", { name: event.dropped_by })}
        </Text>
      )}
      <Code block mt={4} className={classes.payload} tabIndex={0} aria-label={t("payload")}>
        {event.payload}
        {event.payload_truncated && "…"}
      </Code>
      {showsRow && event.row && <RowValues row={event.row} />}
    </li>
  );
}
