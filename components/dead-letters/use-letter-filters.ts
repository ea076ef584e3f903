"use client";

import { parseAsJson, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { isCodedError } from "@/server/catalog/errors/text";

const parsers = {
  queue: parseAsStringLiteral(LOG_TABLE_NAMES),
  search: parseAsString,
  error: parseAsJson((value) => (isCodedError(value) ? value : null)),
};

/** The filters, stored in the URL so that a view can be bookmarked and shared. Null means all. */
export function useLetterFilters() {
  const [filters, setFilters] = useQueryStates(parsers, { history: "push" });
  return { filters, setFilters };
}

export type LetterFilters = ReturnType<typeof useLetterFilters>["filters"];

/** The filters as input of the lists. */
export function letterQuery({ queue, error, search }: LetterFilters) {
  return { queue: queue ?? undefined, error: error ?? undefined, search: search ?? undefined };
}
