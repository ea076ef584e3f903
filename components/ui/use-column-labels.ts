"use client";

import { useMessages } from "next-intl";

/** The localized column names by column; the compiler checks that none is missing. */
export function useColumnLabels(): Readonly<Record<string, string>> {
  return useMessages().columns;
}
