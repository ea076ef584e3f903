"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useTRPC } from "../../trpc";
import { type LogRow, parseRowKey, rowKey } from "../log-row";

/**
 * Returns the row of a key: from the displayed rows, from an earlier display, or else from the server, so that a link
 * to a row works on any page.
 */
export function useOpenedRow(table: BrowsedTableName, key: string | null, shown: readonly LogRow[]) {
  const trpc = useTRPC();
  const [seen, setSeen] = useState<LogRow | null>(null);
  const found = shown.find((row) => rowKey(row) === key) ?? (seen && rowKey(seen) === key ? seen : null);
  if (found && found !== seen) setSeen(found);
  const parts = key === null ? null : parseRowKey(key);
  const fetched = useQuery(
    trpc.logs.row.queryOptions(
      { table, created_at: parts?.created_at ?? "", id: parts?.id ?? "" },
      { enabled: parts !== null && found === null },
    ),
  );
  if (key === null) return { row: null, isPending: false, error: null, refetch: fetched.refetch };
  if (found) return { row: found, isPending: false, error: null, refetch: fetched.refetch };
  const isPending = parts !== null && fetched.isPending;
  return { row: fetched.data ?? null, isPending, error: fetched.error, refetch: fetched.refetch };
}
