"use client";

import { Group, Text, Title } from "@mantine/core";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { type BrowsedTableName, browsedTables, LOG_TABLE_NAMES } from "@/server/catalog";
import { useChangesWindow } from "../explore/changes/use-changes-window";
import { exportHref } from "../exports/export-choices";
import { FilterBar } from "../filter-bar/filter-bar";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { useTRPC } from "../trpc";
import { OnDemand } from "../ui/on-demand";
import { withClicked } from "./clicked-filter";
import { useColumns } from "./columns/use-columns";
import { ViewMenu } from "./columns/view-menu";
import { FieldPanel } from "./fields/field-panel";
import { LogHistogram } from "./histogram/log-histogram";
import classes from "./log-page.module.css";
import { LogResults } from "./log-results";
import { LogToolbar } from "./log-toolbar";
import { ShareMenu } from "./share-menu";
import { useLogQuery } from "./use-log-query";
import { type ChartTotal, useLogTotal } from "./use-log-total";
import { SavedViews } from "./views/saved-views";

const loadChanges = () => import("../explore/changes/changes-panel");
const loadShortcuts = () => import("./keyboard/shortcuts-dialog");

/** The page of a log table: search, pagination, live tail and details. Used for every table of the catalog. */
export function LogPage({ tableName }: { tableName: BrowsedTableName }) {
  const t = useTranslations();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const timeZone = useTimeZone() ?? "UTC";
  const table = browsedTables[tableName];
  const logTable = LOG_TABLE_NAMES.find((name) => name === tableName);
  const query = useLogQuery(table, logTable ? "24h" : null);
  const columns = useColumns(table, query);
  const fetching = useIsFetching(trpc.logs.page.pathFilter());
  const [help, setHelp] = useState(false);
  const [chart, setChart] = useState<ChartTotal>("pending");
  const total = useLogTotal(tableName, query, chart);
  const changes = useChangesWindow();

  const exported = logTable
    ? exportHref({
        type: logTable,
        range: query.range,
        filters: query.filters,
        columns: columns.shown,
        archived: query.archived.include_archived === true,
      })
    : `/api/v1/batch-processing/audit/export?${new URLSearchParams({ ...query.filters, ...query.dates, bom: "true" })}`;

  const refresh = () => {
    query.renew();
    queryClient.invalidateQueries(trpc.logs.pathFilter());
  };

  return (
    <div className={classes.page} data-fills-window data-details={query.row !== null || undefined}>
      <Group justify="space-between" gap="xs" mb={8} className={classes.header}>
        <Group gap="sm" align="baseline">
          <Title order={1} fz={{ base: 22, sm: 20 }}>
            {t(`tables.${tableName}`)}
          </Title>
          <Text size="xs" c="dimmed" className={classes.zone}>
            {t("logs.subtitle", { timeZone })}
          </Text>
        </Group>
        <Group gap={6}>
          <SavedViews
            table={tableName}
            search={query.view}
            onOpen={(search) => router.push(`?${search.replace(/^\?/, "")}`)}
          />
          <LogToolbar
            exportHref={exported}
            live={query.live}
            onLive={query.setLive}
            archived={logTable ? query.archived.include_archived === true : null}
            onArchived={query.setArchived}
            refreshing={fetching > 0 && !query.live}
            onRefresh={refresh}
            onHelp={() => setHelp(true)}
          >
            <ShareMenu query={query} />
          </LogToolbar>
        </Group>
      </Group>
      <div className={classes.search}>
        <div className={classes.filters}>
          <FilterBar table={tableName} filters={query.filters} range={query.range} onChange={query.setFilters} />
        </div>
        <TimeRangePicker range={query.range} onChange={query.setRange} onJump={(at) => query.goTo({ at })} />
        <ViewMenu table={table} columns={columns} sort={query.sort} onSort={query.setSort} />
      </div>
      <div className={classes.body}>
        {logTable && (
          <div className={classes.fields}>
            <FieldPanel
              key={logTable}
              table={logTable}
              query={query}
              onFilter={(filter) => query.setFilters(withClicked(query.filters, filter))}
            />
          </div>
        )}
        <div className={classes.content}>
          <LogHistogram
            table={tableName}
            filters={query.filters}
            range={query.range}
            archived={query.archived}
            until={query.live ? null : query.until}
            total={total.total}
            onTotal={setChart}
            onZoom={query.setRange}
            onChanges={logTable && changes.open}
            marked={logTable ? changes.window : null}
          />
          <div className={classes.split}>
            {logTable && changes.window && (
              <div className={classes.changes}>
                <OnDemand load={loadChanges}>
                  {({ ChangesPanel }) =>
                    changes.window && (
                      <ChangesPanel
                        rows={{
                          table: logTable,
                          filters: query.filters,
                          archived: query.archived.include_archived === true,
                        }}
                        window={changes.window}
                        onWindow={changes.change}
                        onFilter={query.setFilters}
                        hasFocus={changes.isOpenedHere}
                      />
                    )
                  }
                </OnDemand>
              </div>
            )}
            <div className={classes.rows}>
              <LogResults table={table} query={query} columns={columns} total={total} onHelp={() => setHelp(true)} />
            </div>
          </div>
        </div>
      </div>
      <OnDemand load={loadShortcuts} when={help}>
        {({ ShortcutsDialog }) => <ShortcutsDialog opened={help} onClose={() => setHelp(false)} />}
      </OnDemand>
    </div>
  );
}
