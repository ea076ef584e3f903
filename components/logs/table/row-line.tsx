"use client";

import { UnstyledButton } from "@mantine/core";
import { IconArchive } from "@tabler/icons-react";
import { FlexRender, type Row } from "@tanstack/react-table";
import { useTimeZone, useTranslations } from "next-intl";
import { memo } from "react";
import { formatTime } from "../../ui/time";
import { ROW_OPENER } from "../columns/column-settings";
import type { LogRow } from "../log-row";
import type { LogTableFeatures } from "./features";
import classes from "./log-table.module.css";

interface Props {
  row: Row<LogTableFeatures, LogRow>;
  /** Names of the shown columns, in order. */
  shown: string;
  /** Names of the numeric columns. */
  numeric: ReadonlySet<string>;
  isCurrent: boolean;
  isOpened: boolean;
  /** Whether the row is in the Tab order; arrow keys move to the others. */
  isTabStop: boolean;
  onOpen: (row: LogRow) => void;
}

/** A row of the table. Memoized: hundreds of rows stay unchanged while new ones arrive. */
export const RowLine = memo(function RowLine({ row, numeric, isCurrent, isOpened, isTabStop, onOpen }: Props) {
  const t = useTranslations("logs");
  const timeZone = useTimeZone() ?? "UTC";
  return (
    // For the mouse; the button in the time's cell does the same for the keyboard and for screen readers.
    <tr
      className={classes.row}
      data-row={row.id}
      data-current={isCurrent || undefined}
      data-opened={isOpened || undefined}
      data-archived={row.original.archived === true || undefined}
      onClick={() => {
        // Selecting text to copy does not open the drawer.
        if (window.getSelection()?.isCollapsed !== false) onOpen(row.original);
      }}
    >
      {row.getVisibleCells().map((cell) => (
        <td
          key={cell.id}
          data-column={cell.column.id}
          data-numeric={numeric.has(cell.column.id) || undefined}
          data-empty={cell.getValue() == null || undefined}
        >
          {cell.column.id === ROW_OPENER ? (
            <UnstyledButton
              fz="inherit"
              tabIndex={isTabStop ? 0 : -1}
              aria-haspopup="dialog"
              aria-label={t("openRow", { time: formatTime(row.original.created_at, timeZone, "ms") })}
              onClick={(event) => {
                event.stopPropagation();
                onOpen(row.original);
              }}
            >
              <FlexRender cell={cell} />
              {row.original.archived === true && (
                <span className={classes.archived} title={t("archived")}>
                  <IconArchive size={14} stroke={1.6} role="img" aria-label={t("archived")} />
                </span>
              )}
            </UnstyledButton>
          ) : (
            <FlexRender cell={cell} />
          )}
        </td>
      ))}
    </tr>
  );
}, isSame);

/** The table creates new row objects whenever any row arrives, but the output depends only on these properties. */
function isSame(before: Props, after: Props): boolean {
  return (
    before.row.original === after.row.original &&
    before.shown === after.shown &&
    before.isCurrent === after.isCurrent &&
    before.isOpened === after.isOpened &&
    before.isTabStop === after.isTabStop &&
    before.onOpen === after.onOpen
  );
}
