"use client";

import { Menu, UnstyledButton } from "@mantine/core";
import {
  IconArrowLeft,
  IconArrowRight,
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconChartBar,
  IconEyeOff,
  IconRestore,
  IconSortAscending,
  IconSortDescending,
} from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { moveColumn, ROW_OPENER } from "../columns/column-settings";
import type { Columns } from "../columns/use-columns";
import type { LogSort } from "../use-log-query";
import { ColumnResizer } from "./column-resizer";
import classes from "./header-cell.module.css";

const STEP_PX = 24;
const DRAG_TYPE = "application/x-log-column";

interface Props {
  name: string;
  label: string;
  isNumeric: boolean;
  columns: Columns;
  sort: LogSort;
  onSort: (sort: LogSort) => void;
  /** The URL of Explore with the rows grouped by the column; undefined if they cannot be. */
  groupHref: string | undefined;
}

/**
 * The header of a column: a menu to sort, move, resize and hide it, which can also be dragged. All headers share one
 * Tab stop; arrow keys move between them.
 */
export function HeaderCell({ name, label, isNumeric, columns, sort, onSort, groupHref }: Props) {
  const t = useTranslations("logs.column");
  const head = useRef<HTMLTableCellElement>(null);
  const isMovedByKey = useRef(false);
  const [over, setOver] = useState<"before" | "after" | null>(null);
  const [dragged, setDragged] = useState(false);
  const index = columns.shown.indexOf(name);
  const isTime = name === ROW_OPENER;
  const isNewestFirst = sort === "-created_at";
  const move = (steps: number) => columns.setShown(moveColumn(columns.shown, name, steps));

  const resize = (by: number) => {
    const width = head.current?.offsetWidth;
    if (width !== undefined) columns.setWidth(name, width + by, true);
  };

  // Browsers drop the focus of an element that is moved.
  useEffect(() => {
    if (isMovedByKey.current && index >= 0) head.current?.querySelector("button")?.focus();
    isMovedByKey.current = false;
  }, [index]);

  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey) {
      isMovedByKey.current = true;
      move(direction);
    } else if (event.shiftKey) resize(direction * STEP_PX);
    else {
      const next = direction < 0 ? head.current?.previousElementSibling : head.current?.nextElementSibling;
      next?.querySelector("button")?.focus();
    }
  };

  const markPlace = (event: DragEvent<HTMLTableCellElement>) => {
    if (dragged || !event.dataTransfer.types.includes(DRAG_TYPE)) return;
    event.preventDefault();
    setOver(isBefore(event) ? "before" : "after");
  };

  return (
    <th
      ref={head}
      scope="col"
      className={classes.cell}
      aria-sort={isTime ? (isNewestFirst ? "descending" : "ascending") : undefined}
      data-numeric={isNumeric || undefined}
      data-over={over ?? undefined}
      data-dragged={dragged || undefined}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, name);
        event.dataTransfer.effectAllowed = "move";
        setDragged(true);
      }}
      onDragEnd={() => setDragged(false)}
      onDragEnter={markPlace}
      onDragOver={markPlace}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        // The event also fires when moving between parts of the header.
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(null);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(null);
        const from = event.dataTransfer.getData(DRAG_TYPE);
        if (from === "" || from === name) return;
        const rest = columns.shown.filter((other) => other !== from);
        rest.splice(rest.indexOf(name) + (isBefore(event) ? 0 : 1), 0, from);
        columns.setShown(rest);
      }}
    >
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <UnstyledButton
            className={classes.label}
            tabIndex={index === 0 ? 0 : -1}
            title={t("hint")}
            onKeyDown={onKeyDown}
          >
            <span>{label}</span>
            {isTime && (isNewestFirst ? <IconSortDescending size={14} /> : <IconSortAscending size={14} />)}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {groupHref !== undefined && (
            <>
              <Menu.Item component={Link} href={groupHref} prefetch={false} leftSection={<IconChartBar size={15} />}>
                {t("groupBy")}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          {isTime && (
            <>
              <Menu.RadioGroup
                value={isNewestFirst ? "-created_at" : "created_at"}
                onChange={(value) => onSort(value === "created_at" ? "created_at" : "-created_at")}
              >
                <Menu.RadioItem value="-created_at" closeMenuOnClick>
                  {t("newestFirst")}
                </Menu.RadioItem>
                <Menu.RadioItem value="created_at" closeMenuOnClick>
                  {t("oldestFirst")}
                </Menu.RadioItem>
              </Menu.RadioGroup>
              <Menu.Divider />
            </>
          )}
          {/* No item is disabled: the first would not get the focus. */}
          {index > 0 && (
            <Menu.Item leftSection={<IconArrowLeft size={15} />} onClick={() => move(-1)}>
              {t("moveLeft")}
            </Menu.Item>
          )}
          {index < columns.shown.length - 1 && (
            <Menu.Item leftSection={<IconArrowRight size={15} />} onClick={() => move(1)}>
              {t("moveRight")}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconArrowsMaximize size={15} />}
            closeMenuOnClick={false}
            onClick={() => resize(STEP_PX)}
          >
            {t("wider")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowsMinimize size={15} />}
            closeMenuOnClick={false}
            onClick={() => resize(-STEP_PX)}
          >
            {t("narrower")}
          </Menu.Item>
          {columns.widths[name] !== undefined && (
            <Menu.Item leftSection={<IconRestore size={15} />} onClick={() => columns.resetWidth(name)}>
              {t("resetWidth")}
            </Menu.Item>
          )}
          {!isTime && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<IconEyeOff size={15} />}
                onClick={() => columns.setShown(columns.shown.filter((other) => other !== name))}
              >
                {t("hide")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <ColumnResizer
        onResize={(width, isFinal) => columns.setWidth(name, width, isFinal)}
        onReset={() => columns.resetWidth(name)}
      />
    </th>
  );
}

function isBefore(event: { clientX: number; currentTarget: Element }): boolean {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  return event.clientX < left + width / 2;
}
