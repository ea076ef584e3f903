"use client";

import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Popover,
  ScrollArea,
  SegmentedControl,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { IconAdjustmentsHorizontal, IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { BrowsedTable } from "@/server/catalog";
import { useColumnLabels } from "../use-column-labels";
import type { LogSort } from "../use-log-query";
import { DENSITIES, moveColumn, ROW_OPENER } from "./column-settings";
import type { Columns } from "./use-columns";
import classes from "./view-menu.module.css";

interface Props {
  table: BrowsedTable;
  columns: Columns;
  sort: LogSort;
  onSort: (sort: LogSort) => void;
}

/** How the rows are shown: their order, density, and which columns in which order. */
export function ViewMenu({ table, columns, sort, onSort }: Props) {
  const t = useTranslations("logs.viewMenu");
  const labels = useColumnLabels();
  const hidden = table.columns.map(({ name }) => name).filter((name) => !columns.shown.includes(name));
  const label = (name: string) => labels[name] ?? name;

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
          <ScrollArea.Autosize mah="min(46dvh, 420px)" mx={-6}>
            <ul className={classes.list} aria-labelledby="view-columns">
              {columns.shown.map((name, index) => (
                <li key={name} className={classes.item}>
                  <Checkbox
                    size="xs"
                    label={label(name)}
                    checked
                    disabled={name === ROW_OPENER}
                    onChange={() => columns.setShown(columns.shown.filter((other) => other !== name))}
                  />
                  <Group gap={2} wrap="nowrap">
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={t("up", { column: label(name) })}
                      disabled={index === 0}
                      onClick={() => columns.setShown(moveColumn(columns.shown, name, -1))}
                    >
                      <IconArrowUp size={14} />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={t("down", { column: label(name) })}
                      disabled={index === columns.shown.length - 1}
                      onClick={() => columns.setShown(moveColumn(columns.shown, name, 1))}
                    >
                      <IconArrowDown size={14} />
                    </ActionIcon>
                  </Group>
                </li>
              ))}
              {hidden.map((name) => (
                <li key={name} className={classes.item}>
                  <Checkbox
                    size="xs"
                    label={label(name)}
                    checked={false}
                    onChange={() => columns.setShown([...columns.shown, name])}
                  />
                </li>
              ))}
            </ul>
          </ScrollArea.Autosize>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
