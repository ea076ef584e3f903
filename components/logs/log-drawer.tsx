"use client";

import { Drawer } from "@mantine/core";
import { useTranslations } from "next-intl";
import type { LogTable } from "@/server/catalog";
import classes from "./log-drawer.module.css";
import { LogField } from "./log-field";
import type { LogRow } from "./log-page";
import { useColumnLabels } from "./use-column-labels";

interface Props {
  table: LogTable;
  row: LogRow | null;
  onClose: () => void;
  onFilter: (name: string, value: string) => void;
}

/** A row, whole: every field, JSON laid out. */
export function LogDrawer({ table, row, onClose, onFilter }: Props) {
  const t = useTranslations();
  const labels = useColumnLabels();
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={t(`logs.drawerTitle`)}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {row && (
        <dl className={classes.fields}>
          {table.columns.map((column) => (
            <LogField
              key={column.name}
              column={column}
              label={labels[column.name] ?? column.name}
              value={row[column.name]}
              onFilter={onFilter}
            />
          ))}
        </dl>
      )}
    </Drawer>
  );
}
