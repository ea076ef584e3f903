"use client";

import { Button, Group, Popover, Text } from "@mantine/core";
import { IconChevronDown, IconColumns } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { LogTable } from "@/server/catalog";
import { ColumnList } from "../logs/columns/column-list";

interface Props {
  table: LogTable;
  /** Null for all. */
  columns: readonly string[] | null;
  onChange: (columns: readonly string[] | null) => void;
}

/** The columns of the file and their order; all by default. */
export function ColumnsField({ table, columns, onChange }: Props) {
  const t = useTranslations("exports");
  const all = table.columns.map(({ name }) => name);
  const shown = columns ?? all;
  return (
    <Popover position="bottom-start" width={320} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconColumns size={16} stroke={1.6} />}
          rightSection={<IconChevronDown size={15} stroke={1.7} />}
        >
          {columns === null
            ? t("allColumns", { count: all.length })
            : t("someColumns", { count: shown.length, all: all.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <Group justify="space-between" mb={6} mih={24}>
          <Text size="xs" fw={600} c="dimmed" id="export-columns">
            {t("columns")}
          </Text>
          {columns !== null && (
            <Button variant="subtle" size="compact-xs" onClick={() => onChange(null)}>
              {t("chooseAll")}
            </Button>
          )}
        </Group>
        <ColumnList
          table={table}
          shown={shown}
          onChange={(next) => onChange(next.join() === all.join() ? null : next)}
          labelledBy="export-columns"
        />
      </Popover.Dropdown>
    </Popover>
  );
}
