"use client";

import { useMessages } from "next-intl";

/** The columns' names in the person's language, by column; the compiler keeps the messages complete. */
export function useColumnLabels(): Readonly<Record<string, string>> {
  return useMessages().columns;
}
