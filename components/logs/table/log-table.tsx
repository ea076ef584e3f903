"use client";

import { Box } from "@mantine/core";
import { createColumnHelper, useTable } from "@tanstack/react-table";
import { type KeyboardEvent, type Ref, useMemo } from "react";
import type { BrowsedTable } from "@/server/catalog";
import { useColumnLabels } from "../../ui/use-column-labels";
import { naturalWidth } from "../columns/column-settings";
import type { Columns } from "../columns/use-columns";
import { isNumeric, LogCell } from "../log-cell";
import { type LogRow, rowKey } from "../log-row";
import type { LogSort } from "../use-log-query";
import { features, type LogTableFeatures } from "./features";
import { HeaderCell } from "./header-cell";
import classes from "./log-table.module.css";
import { RowLine } from "./row-line";

const helper = createColumnHelper<LogTableFeatures, LogRow>();

/** The number of rows to move from the focused one. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Minimum width of a column that takes the remaining space. */
const FLEXIBLE_PX = 150;

interface Props {
  table: BrowsedTable;
  label: string;
  rows: readonly LogRow[];
  columns: Columns;
  sort: LogSort;
  onSort: (sort: LogSort) => void;
  /** The URL of Explore with the rows grouped by a field; undefined if they cannot be. */
  groupHref: (field: string) => string | undefined;
  /** The key of the current row. */
  current: string | null;
  onCurrent: (key: string) => void;
  /** Moves by this many rows from the current one. */
  onWalk: (steps: number) => void;
  opened: string | null;
  onOpen: (row: LogRow) => void;
  /** Whether the rows are of the previous page while the next one loads. */
  stale: boolean;
  /** The scroll container. */
  scroller: Ref<HTMLDivElement>;
  /** The mark at the start of the rows. */
  top: Ref<HTMLDivElement>;
}

/**
 * The displayed columns of a log table: a scrolling table, or on a phone a list of rows. All rows share one Tab stop;
 * arrow keys move between them.
 */
export function LogTable(props: Props) {
  const { table: catalogTable, rows, columns: settings, current, opened, onOpen } = props;
  const labels = useColumnLabels();
  const columns = useMemo(
    () =>
      helper.columns(
        catalogTable.columns.map((column) =>
          helper.accessor((row) => row[column.name], {
            id: column.name,
            size: naturalWidth(column) ?? FLEXIBLE_PX,
            header: labels[column.name] ?? column.name,
            cell: ({ getValue }) => <LogCell column={column} value={getValue()} />,
          }),
        ),
      ),
    [catalogTable, labels],
  );
  const numeric = useMemo(
    () => new Set(catalogTable.columns.filter(isNumeric).map((column) => column.name)),
    [catalogTable],
  );
  const byName = useMemo(() => new Map(catalogTable.columns.map((column) => [column.name, column])), [catalogTable]);
  const data = useMemo(() => [...rows], [rows]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(catalogTable.columns.map(({ name }) => [name, settings.shown.includes(name)])),
    [catalogTable, settings.shown],
  );
  const table = useTable({
    features,
    columns,
    data,
    getRowId: rowKey,
    state: { columnVisibility, columnOrder: [...settings.shown], columnSizing: { ...settings.widths } },
  });

  const shown = table.getVisibleLeafColumns();
  const flexible =
    shown.find(({ id }) => settings.widths[id] === undefined && isFlexible(byName.get(id))) ??
    shown.findLast(({ id }) => settings.widths[id] === undefined);
  const total = table.getTotalSize();
  const shownKey = settings.shown.join();
  const tabStop = rows.some((row) => rowKey(row) === current) ? current : rows[0] && rowKey(rows[0]);

  const moveByArrow = (event: KeyboardEvent) => {
    const steps = STEPS[event.key];
    if (steps === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    props.onWalk(steps);
  };
  const rememberFocus = (target: Element) => {
    const key = target.closest("[data-row]")?.getAttribute("data-row");
    if (key && key !== current) props.onCurrent(key);
  };

  return (
    <div ref={props.scroller} className={classes.scroll} data-stale={props.stale || undefined}>
      <div ref={props.top} className={classes.top} />
      <Box
        component="table"
        className={classes.table}
        aria-label={props.label}
        aria-busy={props.stale}
        data-density={settings.density}
        data-wrap={settings.wrap || undefined}
        __vars={{
          "--table-width": flexible ? "100%" : `${total}px`,
          "--table-min-width": flexible ? `${total}px` : undefined,
        }}
      >
        <colgroup>
          {shown.map((column) => (
            <col key={column.id} style={{ width: column === flexible ? undefined : column.getSize() }} />
          ))}
        </colgroup>
        <thead className={classes.head}>
          <tr>
            {shown.map((column) => (
              <HeaderCell
                key={column.id}
                name={column.id}
                label={labels[column.id] ?? column.id}
                isNumeric={numeric.has(column.id)}
                columns={settings}
                sort={props.sort}
                onSort={props.onSort}
                groupHref={props.groupHref(column.id)}
              />
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={moveByArrow} onFocus={(event) => rememberFocus(event.target)}>
          {table.getRowModel().rows.map((row) => (
            <RowLine
              key={row.id}
              row={row}
              shown={shownKey}
              numeric={numeric}
              isCurrent={row.id === current}
              isOpened={row.id === opened}
              isTabStop={row.id === tabStop}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </Box>
    </div>
  );
}

function isFlexible(column: BrowsedTable["columns"][number] | undefined): boolean {
  return column !== undefined && naturalWidth(column) === undefined;
}
