"use client";

import { parseAsJson, parseAsStringLiteral, useQueryStates } from "nuqs";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { isCodedError } from "@/server/catalog/errors/text";

const parsers = {
  queue: parseAsStringLiteral(LOG_TABLE_NAMES),
  error: parseAsJson((value) => (isCodedError(value) ? value : null)),
};

/** The filters, stored in the URL so that a view can be bookmarked and shared. Null means all. */
export function useLetterFilters() {
  const [filters, setFilters] = useQueryStates(parsers, { history: "push" });
  return { filters, setFilters };
}

export type LetterFilters = ReturnType<typeof useLetterFilters>["filters"];
