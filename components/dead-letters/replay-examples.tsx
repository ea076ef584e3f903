"use client";

import { Badge, Box, Code, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { RowValues } from "../mappings/row-values";
import type { RouterOutputs } from "../trpc";
import { RowsSkeleton } from "../ui/rows-skeleton";
import { useCodedError } from "../ui/use-coded-error";
import classes from "./replay-examples.module.css";

type Preview = RouterOutputs["deadLetters"]["previewReplay"];

const COLORS = { row: "teal", dead_letter: "red", dropped: "violet" } as const;

interface Props {
  preview: Pick<UseQueryResult<Preview>, "data" | "isPending" | "isFetching">;
}

/** What the last seen dead letters would become. */
export function ReplayExamples({ preview }: Props) {
  const t = useTranslations("deadLetters.edit");
  const items = preview.data?.items ?? [];
  const stored = items.filter(({ outcome }) => outcome === "row").length;
  return (
    <Box role="status" aria-busy={preview.isFetching} data-testid="replay-examples">
      {preview.isPending && <RowsSkeleton />}
      {preview.data && (
        <Text size="sm" fw={600}>
          {t("trial", { stored, count: items.length })}
        </Text>
      )}
      <ul className={classes.list}>
        {items.map((item) => (
          <Example key={item.id} item={item} />
        ))}
      </ul>
    </Box>
  );
}

function Example({ item }: { item: Preview["items"][number] }) {
  const t = useTranslations();
  const problemText = useCodedError();
  return (
    <li className={classes.example} data-outcome={item.outcome}>
      <Badge size="sm" variant="light" tt="none" color={COLORS[item.outcome]}>
        {t(`queues.peek.outcomes.${item.outcome}`)}
      </Badge>
      {item.error && (
        <Text size="sm" c="var(--app-bad)" mt={4}>
          {problemText(item.error)}
        </Text>
      )}
      {item.dropped_by !== null && (
        <Text size="sm" mt={4}>
          {t("queues.peek.droppedBy", { name: item.dropped_by })}
        </Text>
      )}
      <Code block mt={4} className={classes.payload} tabIndex={0} aria-label={t("deadLetters.original")}>
        {item.payload}
      </Code>
      {item.row && <RowValues row={item.row} />}
    </li>
  );
}
