"use client";

import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import type { BrowsedTable } from "@/server/catalog";
import { usePrincipal } from "../../session";
import type { LogQuery } from "../use-log-query";
import {
  type ColumnSettings,
  clampWidth,
  DEFAULT_SETTINGS,
  defaultColumns,
  knownColumns,
  readSettings,
} from "./column-settings";

/**
 * The visible columns with their order, widths and density. They are stored in this browser by user and table. Columns
 * and order in the URL take precedence, so that a link shows the same columns to everyone.
 */
export function useColumns(table: BrowsedTable, { cols, setCols }: Pick<LogQuery, "cols" | "setCols">) {
  const { id } = usePrincipal();
  const [settings, setSettings] = useLocalStorage<ColumnSettings>({
    key: `log-columns:${id}:${table.name}`,
    defaultValue: DEFAULT_SETTINGS,
    deserialize: readSettings,
  });
  const [dragged, setDragged] = useState<{ name: string; width: number } | null>(null);
  const chosen = cols ?? settings.shown?.join(",") ?? null;
  const shown = useMemo(() => knownColumns(table, chosen?.split(",") ?? null), [table, chosen]);
  const isDefault = shown.join() === defaultColumns(table).join();

  // Adds the columns to the URL, so that a copied link shows the same columns.
  useEffect(() => {
    if (cols === null && !isDefault) setCols(shown.join(","));
  }, [cols, isDefault, shown, setCols]);

  const widths = useMemo(
    () => (dragged ? { ...settings.widths, [dragged.name]: dragged.width } : settings.widths),
    [settings.widths, dragged],
  );

  return {
    shown,
    isDefault: isDefault && Object.keys(settings.widths).length === 0,
    widths,
    density: settings.density,
    wrap: settings.wrap,
    setShown: (names: readonly string[]) => {
      const next = knownColumns(table, names);
      const value = next.join() === defaultColumns(table).join() ? null : next;
      setSettings((old) => ({ ...old, shown: value }));
      setCols(value?.join(",") ?? null);
    },
    /** While a column is being dragged, `isFinal` is false and the width is not stored. */
    setWidth: (name: string, width: number, isFinal: boolean) => {
      const clamped = clampWidth(width);
      setDragged(isFinal ? null : { name, width: clamped });
      if (isFinal) setSettings((old) => ({ ...old, widths: { ...old.widths, [name]: clamped } }));
    },
    resetWidth: (name: string) => {
      setDragged(null);
      setSettings(({ widths: { [name]: _, ...others }, ...old }) => ({ ...old, widths: others }));
    },
    setLook: (look: Partial<Pick<ColumnSettings, "density" | "wrap">>) => setSettings((old) => ({ ...old, ...look })),
    reset: () => {
      setSettings((old) => ({ ...old, shown: null, widths: {} }));
      setCols(null);
    },
  };
}

export type Columns = ReturnType<typeof useColumns>;
