"use client";

import { Badge, Button, Code, Collapse, Group, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { LogTableName } from "@/server/catalog";
import { type RouterOutputs, useTRPC } from "../trpc";
import { QueryError } from "../ui/query-error";
import { RowsSkeleton } from "../ui/rows-skeleton";
import { useBytes } from "../ui/use-bytes";
import { useCodedError } from "../ui/use-coded-error";
import { useDuration } from "../ui/use-duration";
import classes from "./waiting-events.module.css";

const SHOWN = 20;
const COLORS = { row: "teal", dead_letter: "red", dropped: "violet" } as const;

type WaitingEvent = RouterOutputs["queues"]["peek"]["items"][number];

/** The next waiting events of a queue, on request; they remain in the queue. */
export function WaitingEvents({ name, label }: { name: LogTableName; label: string }) {
  const t = useTranslations("queues.peek");
  const trpc = useTRPC();
  const [isOpen, setIsOpen] = useState(false);
  const peek = useQuery(
    trpc.queues.peek.queryOptions({ queue: name, limit: SHOWN }, { enabled: isOpen, staleTime: 0, gcTime: 0 }),
  );
  const panel = `waiting-${name}`;
  return (
    <div className={classes.root}>
      <Group justify="space-between" gap="xs">
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-expanded={isOpen}
          aria-controls={panel}
          aria-label={`${t("title")}: ${label}`}
          leftSection={isOpen ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
          onClick={() => setIsOpen(!isOpen)}
        >
          {t("title")}
        </Button>
        {isOpen && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconRefresh size={15} />}
            loading={peek.isFetching && !peek.isPending}
            onClick={() => peek.refetch()}
          >
            {t("refresh")}
          </Button>
        )}
      </Group>
      <Collapse expanded={isOpen} id={panel}>
        {isOpen && peek.isPending && <RowsSkeleton />}
        {!peek.data && <QueryError query={peek} py="sm" />}
        {peek.data?.items.length === 0 && (
          <Text size="sm" c="dimmed" py="sm">
            {t("none")}
          </Text>
        )}
        {peek.data && peek.data.items.length > 0 && (
          <>
            <Text size="xs" c="dimmed" mt={4}>
              {t("hint", { count: peek.data.items.length })}
            </Text>
            <ol className={classes.list}>
              {peek.data.items.map((event) => (
                <Waiting key={event.position} event={event} />
              ))}
            </ol>
          </>
        )}
      </Collapse>
    </div>
  );
}

function Waiting({ event }: { event: WaitingEvent }) {
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
    </li>
  );
}
