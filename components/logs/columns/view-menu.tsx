"use client";

import { Button, Group, Popover, SegmentedControl, Stack, Switch, Text } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { BrowsedTable } from "@/server/catalog";
import type { LogSort } from "../use-log-query";
import { ColumnList } from "./column-list";
import { DENSITIES, ROW_OPENER } from "./column-settings";
import type { Columns } from "./use-columns";

interface Props {
  table: BrowsedTable;
  columns: Columns;
  sort: LogSort;
  onSort: (sort: LogSort) => void;
}

/** The view options: sort order, density and columns. */
export function ViewMenu({ table, columns, sort, onSort }: Props) {
  const t = useTranslations("logs.viewMenu");

  return (
    <Popover position="bottom-end" width={320} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button variant="default" leftSection={<IconAdjustmentsHorizontal size={16} stroke={1.6} />}>
          {t("open")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <Stack gap="sm">
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={t("sort")}
            value={sort}
            onChange={onSort}
            data={[
              { value: "-created_at" as const, label: t("newestFirst") },
              { value: "created_at" as const, label: t("oldestFirst") },
            ]}
          />
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={t("density")}
            value={columns.density}
            onChange={(density) => columns.setLook({ density })}
            data={DENSITIES.map((value) => ({ value, label: t(value) }))}
          />
          <Switch
            size="xs"
            label={t("wrap")}
            checked={columns.wrap}
            onChange={(event) => columns.setLook({ wrap: event.currentTarget.checked })}
          />
          <Group justify="space-between" gap="xs">
            <Text size="xs" fw={600} c="dimmed" id="view-columns">
              {t("columns")}
            </Text>
            {!columns.isDefault && (
              <Button variant="subtle" size="compact-xs" onClick={columns.reset}>
                {t("reset")}
              </Button>
            )}
          </Group>
          <ColumnList
            table={table}
            shown={columns.shown}
            onChange={columns.setShown}
            fixed={ROW_OPENER}
            labelledBy="view-columns"
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
