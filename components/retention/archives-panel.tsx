"use client";

import { Group, Select, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { ShowMore } from "@/components/ui/show-more";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { ArchiveRow } from "./archive-row";

/** The archives, newest first, with their state and actions. */
export function ArchivesPanel() {
  const t = useTranslations();
  const trpc = useTRPC();
  const [table, setTable] = useState<LogTableName | undefined>();
  const list = useInfiniteQuery(
    trpc.retention.archives.infiniteQueryOptions(
      { table, limit: 10 },
      { getNextPageParam: (page) => page.next_cursor ?? undefined },
    ),
  );
  const archives = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel mb="lg" aria-labelledby="archives" pb="xs">
      <Group justify="space-between" px={pad} pt="md" pb="xs">
        <Title order={2} id="archives">
          {t("cleanup.archives.title")}
        </Title>
        <Select
          size="xs"
          w={170}
          aria-label={t("cleanup.archives.table")}
          value={table ?? ""}
          allowDeselect={false}
          data={[
            { value: "", label: t("cleanup.archives.all") },
            ...LOG_TABLE_NAMES.map((value) => ({ value, label: t(`tables.${value}`) })),
          ]}
          onChange={(value) => setTable(LOG_TABLE_NAMES.find((known) => known === value))}
        />
      </Group>
      {list.isPending && <RowsSkeleton />}
      {!list.data && <QueryError query={list} p="md" />}
      {list.data && archives.length === 0 && (
        <Text size="sm" c="dimmed" px={pad} pb="md">
          {t("cleanup.archives.none")}
        </Text>
      )}
      {archives.map((archive) => (
        <ArchiveRow key={archive.id} archive={archive} />
      ))}
      <ShowMore list={list} />
    </Panel>
  );
}
