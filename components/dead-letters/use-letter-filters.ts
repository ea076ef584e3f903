"use client";

import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { LOG_TABLE_NAMES } from "@/server/catalog";

const parsers = {
  queue: parseAsStringLiteral(LOG_TABLE_NAMES),
  error: parseAsString,
};

/** The filters, stored in the URL so that a view can be bookmarked and shared. Null means all. */
export function useLetterFilters() {
  const [filters, setFilters] = useQueryStates(parsers, { history: "push" });
  return { filters, setFilters };
}

export type LetterFilters = ReturnType<typeof useLetterFilters>["filters"];
