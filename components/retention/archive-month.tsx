"use client";

import { Badge, Box, Button, Checkbox, Collapse, Group, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconRestore } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { useMay } from "@/components/session";
import { type RouterOutputs, useTRPC } from "@/components/trpc";
import classes from "@/components/ui/panel-row.module.css";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { ShowMore } from "@/components/ui/show-more";
import { useNumbers } from "@/components/ui/use-numbers";
import type { LogTableName } from "@/server/catalog";
import { ArchiveRow } from "./archive-row";

type Month = RouterOutputs["retention"]["archiveMonths"]["months"][number];

interface Props {
  month: Month;
  /** The filter of the list. */
  table: LogTableName | undefined;
  selected: ReadonlySet<string>;
  onSelect: (ids: readonly string[], isSelected: boolean) => void;
  /** @param deleted the number of its archives whose file was deleted */
  onRestore: (deleted: number) => void;
}

/** The archives of a month: their sums, and a list that is read when it is opened. */
export function ArchiveMonth({ month, table, selected, onSelect, onRestore }: Props) {
  const t = useTranslations();
  const { bytes } = useNumbers();
  const mayRestore = useMay("restore");
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  const { ids } = month;
  const chosen = ids.filter((id) => selected.has(id)).length;
  const deleted = month.tables.reduce((sum, one) => sum + one.deleted, 0);
  return (
    <div data-archive-month={month.month}>
      <div className={classes.row}>
        <Group gap="sm" wrap="nowrap" align="flex-start" className={classes.facts}>
          {mayRestore && (
            <Checkbox
              mt={2}
              checked={ids.length > 0 && chosen === ids.length}
              indeterminate={chosen > 0 && chosen < ids.length}
              disabled={ids.length === 0}
              onChange={(event) => onSelect(ids, event.currentTarget.checked)}
              aria-label={t("cleanup.archives.select", { what: month.month })}
            />
          )}
          <UnstyledButton
            onClick={() => setOpen(!isOpen)}
            aria-expanded={isOpen}
            aria-controls={listId}
            flex={1}
            miw={0}
          >
            <Group gap="xs">
              <IconChevronRight size={16} style={isOpen ? { transform: "rotate(90deg)" } : undefined} aria-hidden />
              <Text fw={600}>{month.month}</Text>
              {month.damaged > 0 && (
                <Badge size="sm" color="red" tt="none">
                  {t("cleanup.archives.damagedCount", { count: month.damaged })}
                </Badge>
              )}
              {deleted > 0 && (
                <Badge size="sm" variant="light" color="gray" tt="none">
                  {t("cleanup.archives.deletedCount", { count: deleted })}
                </Badge>
              )}
            </Group>
            {month.tables
              .filter(({ archives }) => archives > 0)
              .map((one) => (
                <Text key={one.table} size="sm" c="dimmed" ml={24}>
                  {t("cleanup.archives.sums", {
                    table: t(`tables.${one.table}`),
                    archives: one.archives,
                    rows: one.rows,
                    size: one.size_bytes === null ? "–" : bytes(one.size_bytes),
                  })}
                </Text>
              ))}
          </UnstyledButton>
        </Group>
        {mayRestore && ids.length > 0 && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRestore size={15} />}
            onClick={() => onRestore(deleted)}
          >
            {t("cleanup.archives.restoreMonth")}
          </Button>
        )}
      </div>
      <Collapse expanded={isOpen} id={listId}>
        {isOpen && (
          <Box pl={{ base: 0, sm: 28 }}>
            <MonthArchives month={month.month} table={table} selected={selected} onSelect={onSelect} />
          </Box>
        )}
      </Collapse>
    </div>
  );
}

function MonthArchives({
  month,
  table,
  selected,
  onSelect,
}: Pick<Props, "table" | "selected" | "onSelect"> & { month: string }) {
  const trpc = useTRPC();
  const list = useInfiniteQuery(
    trpc.retention.archives.infiniteQueryOptions(
      { table, local_month: month, limit: 20 },
      { getNextPageParam: (page) => page.next_cursor ?? undefined },
    ),
  );
  return (
    <>
      {list.isPending && <RowsSkeleton />}
      {!list.data && <QueryError query={list} p="md" />}
      {list.data?.pages
        .flatMap(({ items }) => items)
        .map((archive) => (
          <ArchiveRow
            key={archive.id}
            archive={archive}
            month={month}
            selection={{
              isSelected: selected.has(archive.id),
              onSelect: (isSelected) => onSelect([archive.id], isSelected),
            }}
          />
        ))}
      <ShowMore list={list} />
    </>
  );
}
