"use client";

import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { useMemo } from "react";
import type { LogTable as CatalogTable } from "@/server/catalog";
import { columnWidth, isNumeric, LogCell } from "./log-cell";
import type { LogRow } from "./log-page";
import classes from "./log-table.module.css";
import { OpenRowButton } from "./open-row-button";
import { rowKey } from "./row-key";
import { useColumnLabels } from "./use-column-labels";

const features = tableFeatures({});
const helper = createColumnHelper<typeof features, LogRow>();

/** Further from the top than this, new rows would push away what is read. */
const AT_TOP_PX = 8;

interface Props {
  table: CatalogTable;
  rows: readonly LogRow[];
  /** Keys of rows that just came. */
  fresh: ReadonlySet<string>;
  /** The rows are of the page before; the new one is on its way. */
  stale: boolean;
  onOpen: (row: LogRow) => void;
  onScrolled: (scrolled: boolean) => void;
}

/** The shown columns of a log table: a table that scrolls by itself, on a phone a list of its rows. */
export function LogTable({ table: catalogTable, rows, fresh, stale, onOpen, onScrolled }: Props) {
  const labels = useColumnLabels();
  const shown = useMemo(() => catalogTable.columns.filter((column) => column.shown), [catalogTable]);
  const columns = useMemo(
    () =>
      helper.columns(
        shown.map((column) =>
          helper.accessor((row) => row[column.name], {
            id: column.name,
            header: labels[column.name] ?? column.name,
            cell: ({ getValue, row }) => {
              const cell = <LogCell column={column} value={getValue()} />;
              if (column.name !== "created_at") return cell;
              return (
                <OpenRowButton row={row.original} onOpen={onOpen}>
                  {cell}
                </OpenRowButton>
              );
            },
          }),
        ),
      ),
    [shown, labels, onOpen],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns, data, getRowId: rowKey });

  return (
    <div
      className={classes.scroll}
      data-stale={stale || undefined}
      onScroll={(event) => onScrolled(event.currentTarget.scrollTop > AT_TOP_PX)}
    >
      <table className={classes.table}>
        <colgroup>
          {shown.map((column) => (
            <col key={column.name} style={{ width: columnWidth(column) }} />
          ))}
        </colgroup>
        <thead className={classes.head}>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header, index) => (
                <th key={header.id} scope="col" data-numeric={isNumeric(shown[index]) || undefined}>
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            // For the mouse; the button in the first cell does the same for the keyboard and for screen readers.
            <tr
              key={row.id}
              className={classes.row}
              data-fresh={fresh.has(row.id) || undefined}
              onClick={() => onOpen(row.original)}
            >
              {row.getAllCells().map((cell, index) => (
                <td
                  key={cell.id}
                  data-column={cell.column.id}
                  data-numeric={isNumeric(shown[index]) || undefined}
                  data-empty={cell.getValue() == null || undefined}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
