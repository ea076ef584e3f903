"use client";

import { Anchor, Button, Group, Skeleton, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import type { BrowsedTable, BrowsedTableName } from "@/server/catalog";
import type { Filter } from "../../filter-bar/filters";
import { useTRPC } from "../../trpc";
import { formatTime } from "../../ui/time";
import { LogCell } from "../log-cell";
import { type LogRow, rowKey } from "../log-row";
import classes from "./session-events.module.css";

/** Rows on each side. */
const SHOWN = 5;
/** Columns that are equal within a session. */
const SAME_IN_SESSION: ReadonlySet<string> = new Set(["created_at", "user_id", "ip_address", "browser", "region"]);
const SHOWN_COLUMNS = 3;

interface Props {
  table: BrowsedTable & { readonly name: BrowsedTableName };
  row: LogRow;
  onOpen: (key: string) => void;
  onFilter: (filter: Filter) => void;
}

/** The events of the same session before and after an event. */
export function SessionEvents({ table, row, onOpen, onFilter }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  const column = table.columns.find(({ name, filter }) => name === "session_id" && filter !== undefined);
  const session = column && typeof row.session_id === "string" ? { column, value: row.session_id } : null;
  const context = useQuery(
    trpc.logs.context.queryOptions(
      { table: table.name, session_id: session?.value ?? "", created_at: row.created_at, id: row.id, limit: SHOWN },
      { enabled: session !== null },
    ),
  );
  if (session === null) return null;
  const rows = context.data && inOrder([...context.data.before, row, ...context.data.after]);

  return (
    <section aria-labelledby="session-rows" className={classes.section}>
      <Group justify="space-between" mb={6}>
        <Title order={2} size="h3" id="session-rows">
          {t("logs.drawer.session")}
        </Title>
        <Button size="compact-xs" variant="subtle" onClick={() => onFilter({ ...session, operator: "is" })}>
          {t("logs.drawer.wholeSession")}
        </Button>
      </Group>
      {context.isPending && <Skeleton h={120} />}
      {context.isError && (
        <Text size="sm" c="dimmed">
          {t("logs.drawer.sessionFailed")}{" "}
          <Anchor component="button" size="sm" onClick={() => context.refetch()}>
            {t("common.retry")}
          </Anchor>
        </Text>
      )}
      {rows?.length === 1 && (
        <Text size="sm" c="dimmed">
          {t("logs.drawer.alone")}
        </Text>
      )}
      {rows && rows.length > 1 && (
        <ol className={classes.rows}>
          {rows.map((other) => (
            <li key={rowKey(other)}>
              <SessionEvent table={table} row={other} isOpened={rowKey(other) === rowKey(row)} onOpen={onOpen} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function SessionEvent({ table, row, isOpened, onOpen }: Omit<Props, "onFilter"> & { isOpened: boolean }) {
  const timeZone = useTimeZone() ?? "UTC";
  const columns = table.columns
    .filter(({ name, shown }) => shown && !SAME_IN_SESSION.has(name))
    .slice(0, SHOWN_COLUMNS);
  return (
    <UnstyledButton
      className={classes.row}
      aria-current={isOpened || undefined}
      disabled={isOpened}
      onClick={() => onOpen(rowKey(row))}
    >
      <span className={classes.time}>{formatTime(row.created_at, timeZone, "ms")}</span>
      {columns.map((column) => (
        <LogCell key={column.name} column={column} value={row[column.name]} />
      ))}
    </UnstyledButton>
  );
}

/** Oldest first, as a session is read. */
function inOrder(rows: readonly LogRow[]): LogRow[] {
  return rows.toSorted((a, b) => (rowKey(a) < rowKey(b) ? -1 : 1));
}
