"use client";

import type { LogTableName } from "@/server/catalog";

interface Props {
  table: LogTableName;
  /** The page's URL query without the cursor, with or without `?`. */
  search: string;
  onOpen: (search: string) => void;
}

/** The person's own views of the table: open, save, rename, remove. */
export function SavedViews(_props: Props) {
  return null;
}
