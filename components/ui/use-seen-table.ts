"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import { usePrincipal } from "../session";
import { useTRPC } from "../trpc";

/** The table as the user may query it: without filters on masked columns. */
export function useSeenTable(name: BrowsedTableName): BrowsedTable & { readonly name: BrowsedTableName } {
  const trpc = useTRPC();
  const isMasked = usePrincipal().role === "viewer";
  const { data } = useQuery(trpc.privacy.mine.queryOptions(undefined, { enabled: isMasked, staleTime: 30_000 }));
  return useMemo(() => {
    const table = browsedTables[name];
    const masked = new Set(data?.masked);
    if (masked.size === 0) return table;
    const columns = table.columns.map((column) =>
      masked.has(column.name) ? { ...column, filter: undefined } : column,
    );
    return { ...table, columns };
  }, [name, data]);
}
