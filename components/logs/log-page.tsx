"use client";

import { Button, Collapse, EmptyState } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilterOff, IconListSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { type LogTableName, logTables } from "@/server/catalog";
import { type RouterOutputs, useTRPC } from "../trpc";
import { ErrorState } from "../ui/error-state";
import { PageHeader } from "../ui/page-header";
import { Panel } from "../ui/panel";
import { FilterForm } from "./filter-form";
import { LogControls } from "./log-controls";
import { LogDrawer } from "./log-drawer";
import { LogTable } from "./log-table";
import { LogTableSkeleton } from "./log-table-skeleton";
import { NewRowsButton } from "./new-rows-button";
import { Pager } from "./pager";
import { useLiveRows } from "./use-live-rows";
import { useLogView } from "./use-log-view";

export type LogRow = RouterOutputs["logs"]["page"]["items"][number];

const LIVE_MS = 2_000;
const NO_ROWS: LogRow[] = [];

/** The rows of a log table, newest first. Serves every table of the catalog. */
export function LogPage({ tableName }: { tableName: LogTableName }) {
  const t = useTranslations();
  const trpc = useTRPC();
  const timeZone = useTimeZone() ?? "UTC";
  const table = logTables[tableName];
  const { filters, cursor, pageSize, setFilters, setCursor, setPageSize } = useLogView(table);
  const filterCount = Object.keys(filters).length;
  const [filtersOpened, { toggle: toggleFilters }] = useDisclosure(filterCount > 0);
  const [live, setLive] = useState(true);
  const [opened, setOpened] = useState<LogRow | null>(null);
  const [scrolled, setScrolled] = useState(false);
  const isFirstPage = cursor === null;

  const page = useQuery(
    trpc.logs.page.queryOptions(
      { table: tableName, cursor: cursor ?? undefined, page_size: pageSize, filters },
      { placeholderData: keepPreviousData, refetchInterval: live && isFirstPage ? LIVE_MS : false },
    ),
  );
  const { rows, fresh, waiting, isAllNew, showWaiting } = useLiveRows(
    JSON.stringify([cursor, pageSize, filters]),
    page.data?.items ?? NO_ROWS,
    isFirstPage && (scrolled || opened !== null),
  );

  // Walking back over the newest page leaves a cursor behind that stands for nothing.
  const isBackAtStart = !isFirstPage && page.data?.has_prev === false && !page.isPlaceholderData;
  useEffect(() => {
    if (isBackAtStart) setCursor(null, "replace");
  }, [isBackAtStart, setCursor]);

  return (
    <>
      <PageHeader title={t(`tables.${tableName}`)} subtitle={t("logs.subtitle", { timeZone })}>
        <LogControls
          live={live && isFirstPage}
          canBeLive={isFirstPage}
          onLive={setLive}
          onRefresh={() => page.refetch()}
          refreshing={page.isFetching && !live}
          filtersOpened={filtersOpened}
          filterCount={filterCount}
          onFilters={toggleFilters}
        />
      </PageHeader>
      <Collapse expanded={filtersOpened}>
        <FilterForm key={JSON.stringify(filters)} table={table} filters={filters} onChange={setFilters} />
      </Collapse>
      {page.error && <ErrorState error={page.error} onRetry={() => page.refetch()} retrying={page.isFetching} />}
      {page.isPending && <LogTableSkeleton />}
      {page.data && !page.error && rows.length === 0 && (
        <EmptyState
          size="sm"
          icon={filterCount > 0 ? <IconFilterOff stroke={1.6} /> : <IconListSearch stroke={1.6} />}
          variant="light"
          color="gray"
          py={64}
          title={filterCount > 0 ? t("logs.emptyFilterTitle") : t("logs.emptyTitle")}
          description={filterCount > 0 ? t("logs.emptyFilterHint") : t("logs.emptyHint")}
        >
          <EmptyState.Actions>
            {filterCount > 0 ? (
              <Button variant="default" onClick={() => setFilters({})}>
                {t("logs.clearFilters")}
              </Button>
            ) : (
              <Button component={Link} href={`/import?table=${tableName}`}>
                {t("logs.emptyAction")}
              </Button>
            )}
          </EmptyState.Actions>
        </EmptyState>
      )}
      {page.data && rows.length > 0 && (
        <Panel aria-label={t(`tables.${tableName}`)} pos="relative">
          <NewRowsButton count={waiting} isAtLeast={isAllNew} onClick={showWaiting} />
          <LogTable
            table={table}
            rows={rows}
            fresh={fresh}
            stale={page.isPlaceholderData}
            onOpen={setOpened}
            onScrolled={setScrolled}
          />
          <Pager
            page={page.data}
            shown={rows.length}
            isFirstPage={isFirstPage}
            pageSize={pageSize}
            onCursor={setCursor}
            onPageSize={setPageSize}
          />
        </Panel>
      )}
      <LogDrawer
        table={table}
        row={opened}
        onClose={() => setOpened(null)}
        onFilter={(name, value) => {
          setOpened(null);
          setFilters({ ...filters, [name]: value });
        }}
      />
    </>
  );
}
