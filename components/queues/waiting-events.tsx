"use client";

import { Button, Collapse, Group, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { LogTableName } from "@/server/catalog";
import { useTRPC } from "../trpc";
import { QueryError } from "../ui/query-error";
import { RowsSkeleton } from "../ui/rows-skeleton";
import { WaitingEventRow } from "./waiting-event-row";
import classes from "./waiting-events.module.css";

const SHOWN = 20;

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
                <WaitingEventRow key={event.position} event={event} />
              ))}
            </ol>
          </>
        )}
      </Collapse>
    </div>
  );
}
