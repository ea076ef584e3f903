"use client";

import { Button, Group, NativeSelect, Text, Title } from "@mantine/core";
import { IconRestore, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useMay } from "@/components/session";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { ArchiveMonth } from "./archive-month";
import { useSeveralArchives } from "./use-several-archives";

/** The archives by month, latest first, with their state and actions. */
export function ArchivesPanel() {
  const t = useTranslations();
  const trpc = useTRPC();
  const [table, setTable] = useState<LogTableName | undefined>();
  const [year, setYear] = useState<string | undefined>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { openRestore, openDelete } = useSeveralArchives(() => setSelected(new Set()));
  const mayRestore = useMay("restore");
  const mayDelete = useMay("cleanup");
  const list = useQuery(trpc.retention.archiveMonths.queryOptions({ table, year }));
  const months = list.data?.months ?? [];
  const pad = { base: "md", sm: "lg" };
  const select = (ids: readonly string[], isSelected: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (isSelected) next.add(id);
      else next.delete(id);
    }
    setSelected(next);
  };
  const filter = (apply: () => void) => {
    apply();
    setSelected(new Set());
  };
  return (
    <Panel mb="lg" aria-labelledby="archives" pb="xs">
      <Group justify="space-between" px={pad} pt="md" pb="xs">
        <Title order={2} id="archives">
          {t("cleanup.archives.title")}
        </Title>
        <Group gap="xs">
          <NativeSelect
            size="xs"
            w={110}
            aria-label={t("cleanup.archives.year")}
            value={year ?? ""}
            data={[
              { value: "", label: t("cleanup.archives.allYears") },
              ...(list.data?.years ?? []).map((value) => ({ value, label: value })),
            ]}
            onChange={({ currentTarget: { value } }) => filter(() => setYear(value || undefined))}
          />
          <NativeSelect
            size="xs"
            w={170}
            aria-label={t("cleanup.archives.table")}
            value={table ?? ""}
            data={[
              { value: "", label: t("cleanup.archives.all") },
              ...LOG_TABLE_NAMES.map((value) => ({ value, label: t(`tables.${value}`) })),
            ]}
            onChange={({ currentTarget: { value } }) =>
              filter(() => setTable(LOG_TABLE_NAMES.find((known) => known === value)))
            }
          />
        </Group>
      </Group>
      {mayRestore && selected.size > 0 && (
        <Group px={pad} pb="sm" gap="xs" role="group" aria-label={t("cleanup.archives.selection")}>
          <Text size="sm" fw={600} role="status">
            {t("cleanup.archives.selected", { count: selected.size })}
          </Text>
          <Button size="xs" leftSection={<IconRestore size={15} />} onClick={() => openRestore({ ids: [...selected] })}>
            {t("cleanup.archives.restore")}
          </Button>
          {mayDelete && (
            <Button
              size="xs"
              variant="default"
              c="var(--app-bad)"
              leftSection={<IconTrash size={15} />}
              onClick={() => openDelete([...selected], null)}
            >
              {t("cleanup.archives.delete")}
            </Button>
          )}
          <Button size="xs" variant="subtle" color="gray" onClick={() => setSelected(new Set())}>
            {t("cleanup.archives.clearSelection")}
          </Button>
        </Group>
      )}
      {list.isPending && <RowsSkeleton />}
      {!list.data && <QueryError query={list} p="md" />}
      {list.data && months.length === 0 && (
        <Text size="sm" c="dimmed" px={pad} pb="md">
          {t("cleanup.archives.none")}
        </Text>
      )}
      {months.map((month) => (
        <ArchiveMonth
          key={month.month}
          month={month}
          table={table}
          selected={selected}
          onSelect={select}
          onRestore={(deleted) => openRestore({ month: month.month, table, deleted })}
        />
      ))}
    </Panel>
  );
}
