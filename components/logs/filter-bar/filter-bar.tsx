"use client";

import type { LogTableName } from "@/server/catalog";

/** The field that adds filters, for a keyboard shortcut to focus. */
export const FILTER_INPUT_ID = "log-filter";

interface Props {
  table: LogTableName;
  /** By parameter: `status_code`, `not_os`, `min_response_time`. */
  filters: Readonly<Record<string, string>>;
  onChange: (filters: Record<string, string>) => void;
}

/** The filters as chips that can be changed and removed, and one field that adds more. */
export function FilterBar(_props: Props) {
  return null;
}
