"use client";

import { ActionIcon, Box, Checkbox, Group } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { BrowsedTable } from "@/server/catalog";
import { useColumnLabels } from "../../ui/use-column-labels";
import classes from "./column-list.module.css";
import { moveColumn } from "./column-settings";

interface Props {
  table: Pick<BrowsedTable, "columns">;
  /** Names in order. */
  shown: readonly string[];
  onChange: (shown: readonly string[]) => void;
  /** A column that cannot be hidden. */
  fixed?: string;
  /** ID of the element that labels the list. */
  labelledBy: string;
}

/** The list of columns, the shown ones first. */
export function ColumnList({ table, shown, onChange, fixed, labelledBy }: Props) {
  const t = useTranslations("logs.viewMenu");
  const labels = useColumnLabels();
  const hidden = table.columns.map(({ name }) => name).filter((name) => !shown.includes(name));
  const label = (name: string) => labels[name] ?? name;

  return (
    <Box mah="min(46dvh, 420px)" mx={-6} style={{ overflowY: "auto" }}>
      <ul className={classes.list} aria-labelledby={labelledBy}>
        {shown.map((name, index) => (
          <li key={name} className={classes.item}>
            <Checkbox
              size="xs"
              label={label(name)}
              checked
              disabled={name === fixed || shown.length === 1}
              onChange={() => onChange(shown.filter((other) => other !== name))}
            />
            <Group gap={2} wrap="nowrap">
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t("up", { column: label(name) })}
                disabled={index === 0}
                onClick={() => onChange(moveColumn(shown, name, -1))}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={t("down", { column: label(name) })}
                disabled={index === shown.length - 1}
                onClick={() => onChange(moveColumn(shown, name, 1))}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
            </Group>
          </li>
        ))}
        {hidden.map((name) => (
          <li key={name} className={classes.item}>
            <Checkbox size="xs" label={label(name)} checked={false} onChange={() => onChange([...shown, name])} />
          </li>
        ))}
      </ul>
    </Box>
  );
}
