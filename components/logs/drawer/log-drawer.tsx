"use client";

import { ActionIcon, Button, Drawer, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconClockSearch, IconJson, IconLink } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Chip } from "../../filter-bar/filters";
import { TimelineLinks } from "../../timeline/timeline-links";
import { CopyAction } from "../../ui/copy-action";
import { ErrorState } from "../../ui/error-state";
import { Tooltip } from "../../ui/tooltip";
import { useColumnLabels } from "../../ui/use-column-labels";
import { useSeenTable } from "../../ui/use-seen-table";
import { type LogRow, rowKey } from "../log-row";
import classes from "./log-drawer.module.css";
import { LogField } from "./log-field";
import { SessionEvents } from "./session-events";
import { useOpenedRow } from "./use-opened-row";

interface Props {
  table: BrowsedTable & { readonly name: BrowsedTableName };
  /** The key of the row; null closes. */
  opened: string | null;
  /** The rows of the list, to step through. */
  rows: readonly LogRow[];
  onOpen: (key: string) => void;
  onClose: () => void;
  /** Called when the drawer has closed, to return the focus to the row. */
  onClosed: () => void;
  onFilter: (filter: Chip) => void;
  /** The URL of Explore with the rows grouped by a field; undefined if they cannot be. */
  groupHref?: (field: string) => string | undefined;
  onAround: (moment: string) => void;
  /** Whether the details are beside the rows, which remain usable, instead of over them. */
  isBeside?: boolean;
}

/** As wide as the margin in log-page.module.css. */
const BESIDE_WIDTH = "clamp(400px, 33vw, 600px)";

const NO_GROUPS = () => undefined;

/** The details of an event: all fields, formatted JSON, and its context in the list and the session. */
export function LogDrawer({
  table: { name: tableName },
  opened,
  rows,
  onOpen,
  onClose,
  onClosed,
  onFilter,
  groupHref = NO_GROUPS,
  onAround,
  isBeside = false,
}: Props) {
  const t = useTranslations();
  const labels = useColumnLabels();
  const table = useSeenTable(tableName);
  const { row, isPending, error, refetch } = useOpenedRow(table.name, opened, rows);
  const index = rows.findIndex((other) => rowKey(other) === opened);
  const before = index > 0 ? rows[index - 1] : undefined;
  const after = index >= 0 ? rows[index + 1] : undefined;

  return (
    <Drawer
      opened={opened !== null}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      returnFocus={false}
      position="right"
      size={isBeside ? BESIDE_WIDTH : 680}
      withOverlay={!isBeside}
      overlayProps={{ backgroundOpacity: 0.3 }}
      trapFocus={!isBeside}
      lockScroll={!isBeside}
      closeOnClickOutside={!isBeside}
      shadow={isBeside ? "none" : undefined}
      transitionProps={isBeside ? { duration: 0 } : undefined}
      attributes={isBeside ? { content: { "data-beside": true, "aria-modal": undefined } } : undefined}
      classNames={isBeside ? { inner: classes.beside, content: classes.besideContent } : undefined}
      title={t("logs.drawer.title")}
    >
      <Group gap={6} mb="sm" justify="space-between">
        <Group gap={6}>
          <Step label={t("logs.drawer.previous")} row={before} onOpen={onOpen} up />
          <Step label={t("logs.drawer.next")} row={after} onOpen={onOpen} />
          {index >= 0 && (
            <Text size="xs" c="dimmed" ml={4}>
              {t("logs.drawer.position", { position: index + 1, count: rows.length })}
            </Text>
          )}
        </Group>
        {row && (
          <Group gap={6}>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconClockSearch size={15} />}
              onClick={() => onAround(row.created_at)}
            >
              {t("logs.drawer.around")}
            </Button>
            <CopyAction label={t("logs.drawer.copyJson")} text={() => JSON.stringify(row, null, 2)}>
              <IconJson size={16} />
            </CopyAction>
            <CopyAction label={t("logs.drawer.copyLink")} text={() => window.location.href}>
              <IconLink size={16} />
            </CopyAction>
          </Group>
        )}
      </Group>
      {isPending && (
        <Stack gap={14} aria-hidden>
          {table.columns.map(({ name }) => (
            <Skeleton key={name} h={18} />
          ))}
        </Stack>
      )}
      {error && <ErrorState error={error} onRetry={() => refetch()} />}
      {opened !== null && !isPending && !error && row === null && (
        <Text c="dimmed" py="lg">
          {t("logs.drawer.gone")}
        </Text>
      )}
      {row && (
        <>
          {row.archived === true && (
            <Text size="sm" c="dimmed" mb="sm">
              {t("logs.drawer.archived")}
            </Text>
          )}
          <TimelineLinks table={table} row={row} />
          <dl className={classes.fields}>
            {table.columns.map((column) => (
              <LogField
                key={column.name}
                column={column}
                label={labels[column.name] ?? column.name}
                value={row[column.name]}
                onFilter={onFilter}
                groupHref={groupHref}
                canFilterMembers={table === browsedTables[table.name]}
              />
            ))}
          </dl>
          <SessionEvents table={table} row={row} onOpen={onOpen} onFilter={onFilter} />
        </>
      )}
    </Drawer>
  );
}

interface StepProps {
  label: string;
  row: LogRow | undefined;
  onOpen: (key: string) => void;
  up?: boolean;
}

function Step({ label, row, onOpen, up = false }: StepProps) {
  return (
    <Tooltip label={`${label} (${up ? "k" : "j"})`}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={label}
        disabled={row === undefined}
        onClick={() => row && onOpen(rowKey(row))}
      >
        {up ? <IconArrowUp size={16} /> : <IconArrowDown size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}
