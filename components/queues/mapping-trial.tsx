"use client";

import { Box, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { RouterOutputs } from "../trpc";
import { RowsSkeleton } from "../ui/rows-skeleton";
import { WaitingEventRow } from "./waiting-event-row";
import classes from "./waiting-events.module.css";

type Trial = Pick<UseQueryResult<RouterOutputs["queues"]["previewMapping"]>, "data" | "isPending" | "isFetching">;

/** The waiting events as a mapping would read them. */
export function MappingTrial({ trial }: { trial: Trial }) {
  const t = useTranslations("queues.mapping");
  const items = trial.data?.items ?? [];
  const stored = items.filter(({ outcome }) => outcome === "row").length;
  return (
    <Box role="status" aria-busy={trial.isFetching} data-testid="mapping-trial">
      {trial.isPending && <RowsSkeleton />}
      {trial.data && (
        <Text size="sm" fw={600}>
          {items.length === 0 ? t("noEvents") : t("trial", { stored, count: items.length })}
        </Text>
      )}
      {items.length > 0 && (
        <ol className={classes.list}>
          {items.map((event) => (
            <WaitingEventRow key={event.position} event={event} showsRow />
          ))}
        </ol>
      )}
    </Box>
  );
}
