"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { BrowsedTable, BrowsedTableName } from "@/server/catalog";
import { groupHrefOf } from "../explore/href";
import { searchedTexts } from "../filter-bar/expression";
import { FILTER_INPUT_ID } from "../filter-bar/filter-entry";
import { type Chip, isExpression, isNegative, parameterOf, readFilter, sentValue } from "../filter-bar/filters";
import { useFilterText } from "../filter-bar/use-filter-text";
import { useTRPC } from "../trpc";
import { notifyDone } from "../ui/notify";
import { OnDemand } from "../ui/on-demand";
import { Panel } from "../ui/panel";
import { withClicked } from "./clicked-filter";
import type { Columns } from "./columns/use-columns";
import { useIsBeside } from "./drawer/use-is-beside";
import { useCurrentRow } from "./keyboard/use-current-row";
import { useLogKeys } from "./keyboard/use-log-keys";
import classes from "./log-page.module.css";
import { type LogRow, rowKey } from "./log-row";
import { LogPager } from "./pager/log-pager";
import { LoadProblem } from "./states/load-problem";
import { LogTableSkeleton } from "./states/log-table-skeleton";
import { NoRows } from "./states/no-rows";
import { SearchProgress } from "./states/search-progress";
import { SlowNotice } from "./states/slow-notice";
import { Stopped } from "./states/stopped";
import { LogTable } from "./table/log-table";
import { useHighlight } from "./table/use-highlight";
import { useScrollToStart } from "./table/use-scroll-to-start";
import { TailBar } from "./tail/tail-bar";
import { useLiveTail } from "./tail/use-live-tail";
import { useLogPage } from "./use-log-page";
import type { LogQuery } from "./use-log-query";
import type { LogTotal } from "./use-log-total";

const loadDrawer = () => import("./drawer/log-drawer");

/** Lower than any row. */
const MIN_ROW_PX = 20;

/** The rows of a running tail that fit into the window. All are rendered as soon as the user scrolls, which pauses it. */
function visibleRows(rows: readonly LogRow[]): readonly LogRow[] {
  // The server has no window.
  return typeof window === "undefined" ? rows : rows.slice(0, Math.ceil(window.innerHeight / MIN_ROW_PX));
}

interface Props {
  table: BrowsedTable & { readonly name: BrowsedTableName };
  query: LogQuery;
  columns: Columns;
  total: LogTotal;
  onHelp: () => void;
}

/** The rows of the current URL in every state, with their actions. */
export function LogResults({ table, query, columns, total, onHelp }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { text: filterText } = useFilterText();
  const groupHref = groupHrefOf(table.name, {
    filters: query.filters,
    range: query.range,
    archived: query.archived.include_archived === true,
  });
  const result = useLogPage(table.name, query);
  const isBeside = useIsBeside();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [top, setTop] = useState<HTMLDivElement | null>(null);

  const { page, isPlaceholderData: isStale, isFetching, error, refetch } = result;
  const head = isStale ? undefined : page?.rows;
  const tail = useLiveTail({ table: table.name, query, head, onReadHead: refetch, scroller, top });
  const isRunning = query.live && (tail.pauseReason === null || tail.pauseReason === "pointed");
  const tailRows = useMemo(() => (isRunning ? visibleRows(tail.rows) : tail.rows), [isRunning, tail.rows]);
  const rows = query.live ? tailRows : result.rows;
  const { current, setCurrent, step, focus } = useCurrentRow(rows, scroller);
  const searched = isStale ? null : (page?.searched ?? null);
  const isSearching = searched !== null && isFetching;
  const isStopped = result.fetchStatus === "idle" && !error && (isStale || result.isPending);
  useHighlight(scroller, searchedTexts(query.filters.filter), rows);
  useScrollToStart(JSON.stringify(query.position), isStale || result.isPending, scroller);

  // Paging back past the newest page arrives at the first page of the list.
  const { markAsFirstPage, setRow } = query;
  const isBackAtStart = !query.isFirstPage && page?.previous === null && page.rows.length > 0 && !isStale;
  useEffect(() => {
    if (isBackAtStart) markAsFirstPage();
  }, [isBackAtStart, markAsFirstPage]);

  const openRow = useCallback(
    (row: LogRow) => {
      setCurrent(rowKey(row));
      setRow(rowKey(row), "push");
    },
    [setCurrent, setRow],
  );
  const walk = (steps: number) => {
    const key = step(query.row ?? current, steps);
    if (key === null) return;
    if (query.row === null) focus(key);
    else setRow(key, "replace");
  };
  useLogKeys(
    {
      "/": () => document.getElementById(FILTER_INPUT_ID)?.focus(),
      j: () => walk(1),
      k: () => walk(-1),
      Enter: () => current !== null && setRow(current, "push"),
      n: () => page?.next && !isSearching && query.goTo(page.next),
      p: () => page?.previous && query.goTo(page.previous),
      g: () => !query.isFirstPage && query.goTo({}),
      G: () => page?.next && query.goTo({ from: "end" }),
      t: () => query.setLive(!query.live),
      "?": onHelp,
    },
    { isModalOpen: query.row !== null && !isBeside },
  );

  const isWide = query.range === null;
  const narrow = isWide ? () => query.setRange({ last: "24h" }) : null;
  const filterBy = (filter: Chip) => {
    if (isExpression(filter)) return query.setFilters(withClicked(query.filters, filter));
    const next = withClicked(query.filters, filter);
    query.setFilters(next);
    const name = parameterOf(filter);
    const before = readFilter(table, name, query.filters[name] ?? "");
    if (
      isNegative(filter.operator) &&
      before?.value &&
      next[name] === sentValue(filter) &&
      next[name] !== query.filters[name]
    ) {
      notifyDone(t("logs.replaced", { filter: filterText(before) }), t("logs.replacedHint"));
    }
  };

  return (
    <>
      {error && (
        <LoadProblem
          error={error}
          query={query}
          shownSince={result.shownSince}
          onRetry={searched ? result.resume : refetch}
          retrying={isFetching}
        />
      )}
      {(page || result.isPending) && (
        <Panel aria-label={t(`tables.${table.name}`)} className={classes.panel}>
          <SlowNotice
            busy={isFetching && (isStale || result.isPending)}
            onCancel={() => queryClient.cancelQueries(trpc.logs.page.pathFilter())}
            onNarrow={narrow}
          />
          {query.live && (
            <TailBar {...tail} onPause={tail.setPaused} onShow={tail.show} onStop={() => query.setLive(false)} />
          )}
          {searched && !error && (
            <SearchProgress
              searched={searched}
              found={rows.length}
              isRunning={isSearching}
              onStop={result.stop}
              onContinue={result.resume}
            />
          )}
          {isStopped && <Stopped onRetry={() => refetch()} onNarrow={narrow} />}
          {!isStopped && (result.isPending || (isSearching && rows.length === 0)) && <LogTableSkeleton />}
          {!isStopped && page && rows.length === 0 && !searched && <NoRows table={table.name} query={query} />}
          {!isStopped && page && rows.length > 0 && (
            <>
              <LogTable
                table={table}
                label={t(`tables.${table.name}`)}
                rows={rows}
                columns={columns}
                sort={query.sort}
                onSort={query.setSort}
                groupHref={groupHref}
                current={current}
                onCurrent={setCurrent}
                onWalk={walk}
                opened={query.row}
                onOpen={openRow}
                stale={isStale}
                scroller={setScroller}
                top={setTop}
              />
              <LogPager
                query={query}
                page={page}
                total={total}
                updatedAt={result.shownSince ?? 0}
                isBusy={isStale || isSearching}
                liveRows={query.live ? tail.rows.length : null}
              />
            </>
          )}
        </Panel>
      )}
      <OnDemand load={loadDrawer} when={query.row !== null}>
        {({ LogDrawer }) => (
          <LogDrawer
            table={table}
            opened={query.row}
            rows={rows}
            onOpen={(key) => {
              setCurrent(key);
              setRow(key, "replace");
            }}
            onClose={() => setRow(null, "replace")}
            onClosed={() => current !== null && focus(current)}
            onFilter={filterBy}
            groupHref={groupHref}
            onAround={query.showContext}
            isBeside={isBeside}
          />
        )}
      </OnDemand>
    </>
  );
}
