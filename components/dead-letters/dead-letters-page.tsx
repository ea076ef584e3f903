"use client";

import { Button, EmptyState, NativeSelect, Stack } from "@mantine/core";
import { IconMailCheck, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { useTRPC } from "../trpc";
import { OnDemand } from "../ui/on-demand";
import { PageHeader } from "../ui/page-header";
import { QueryError } from "../ui/query-error";
import type { DeadLetter } from "./dead-letter";
import { GroupsPanel } from "./groups-panel";
import { LetterSearch } from "./letter-search";
import { LettersPanel } from "./letters-panel";
import { letterQuery, useLetterFilters } from "./use-letter-filters";

const loadDrawer = () => import("./letter-drawer");

const ALL = "all";
const REFRESH_MS = 10_000;

export function DeadLettersPage() {
  const t = useTranslations();
  const trpc = useTRPC();
  const { filters, setFilters } = useLetterFilters();
  const [opened, setOpened] = useState<DeadLetter | null>(null);
  const groups = useQuery(
    trpc.deadLetters.groups.queryOptions(
      { ...letterQuery(filters), error: undefined },
      { refetchInterval: REFRESH_MS, placeholderData: keepPreviousData },
    ),
  );
  const isFiltered = Object.values(filters).some((value) => value !== null);
  const shown = groups.data?.filter(
    (group) => filters.error === null || JSON.stringify(group.error) === JSON.stringify(filters.error),
  );

  return (
    <>
      <PageHeader title={t("deadLetters.title")} subtitle={t("deadLetters.subtitle")}>
        <LetterSearch value={filters.search ?? ""} onChange={(search) => setFilters({ search: search || null })} />
        <NativeSelect
          aria-label={t("deadLetters.filterQueue")}
          w={180}
          value={filters.queue ?? ALL}
          onChange={({ currentTarget: { value } }) =>
            setFilters({ queue: LOG_TABLE_NAMES.find((name) => name === value) ?? null, error: null })
          }
          data={[
            { value: ALL, label: t("deadLetters.allQueues") },
            ...LOG_TABLE_NAMES.map((name) => ({ value: name, label: t(`tables.${name}`) })),
          ]}
        />
        {filters.error !== null && (
          <Button variant="default" leftSection={<IconX size={15} />} onClick={() => setFilters({ error: null })}>
            {t("deadLetters.clearReason")}
          </Button>
        )}
      </PageHeader>
      {!groups.data && <QueryError query={groups} />}
      {shown?.length === 0 && (
        <EmptyState
          icon={<IconMailCheck stroke={1.6} />}
          py={64}
          title={isFiltered ? t("deadLetters.emptyFilterTitle") : t("deadLetters.emptyTitle")}
          description={isFiltered ? t("deadLetters.emptyFilterHint") : t("deadLetters.emptyHint")}
        />
      )}
      {(groups.isPending || (shown && shown.length > 0)) && (
        <Stack gap="lg">
          <GroupsPanel
            groups={shown ?? null}
            search={filters.search ?? undefined}
            onShow={({ queue, error }) => setFilters({ queue, error })}
          />
          <LettersPanel
            filters={filters}
            total={shown?.reduce((sum, group) => sum + group.count, 0) ?? null}
            onOpen={setOpened}
          />
        </Stack>
      )}
      <OnDemand load={loadDrawer} when={opened !== null}>
        {({ LetterDrawer }) => (
          <LetterDrawer letter={opened} onClose={() => setOpened(null)} onFailedAgain={setOpened} />
        )}
      </OnDemand>
    </>
  );
}
