"use client";

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type BrowsedTableName, browsedTables, type Column } from "@/server/catalog";
import { type FieldTerm, writeField } from "@/server/catalog/filter";
import { rangeDates, type TimeRange } from "../time-range/range";
import { useTRPC } from "../trpc";
import { useSeenTable } from "../ui/use-seen-table";
import { fieldOfValue, lastTerm, searchedValue } from "./completions";
import type { Draft } from "./draft";
import { type FilterParameters, parameterOf, withoutFilter } from "./filters";

/** Debounce while typing a word. */
const TYPING_MS = 150;
const FRESH_MS = 60_000;

/** The rows from which values and members are suggested. */
export interface SuggestionScope {
  readonly filters: FilterParameters;
  readonly range: TimeRange;
  /** Whether the options are visible. */
  readonly isOpen: boolean;
}

/** Values of the field at hand and members of JSON columns that exist under the other filters. */
export function useSuggestions(tableName: BrowsedTableName, draft: Draft, text: string, scope: SuggestionScope) {
  const trpc = useTRPC();
  const seen = useSeenTable(tableName);
  const isMasked = seen !== browsedTables[tableName];
  const term = lastTerm(text);
  const typedField = draft.stage === "column" ? fieldOfValue(seen, term) : undefined;
  const field =
    draft.stage === "value" && isSuggested(draft.column) ? draft.column.name : typedField && writtenField(typedField);
  const typed = draft.stage === "value" ? text.trim() : searchedValue(term.value ?? "");
  const [search] = useDebouncedValue(typed, TYPING_MS);

  const edited =
    draft.stage !== "operator" && draft.edited ? withoutFilter(scope.filters, draft.edited) : scope.filters;
  const filters = { ...edited };
  if (draft.stage === "value") delete filters[parameterOf(draft)];
  // In steps of a minute, so that a relative range does not change the query with each keystroke.
  const now = Math.ceil(Date.now() / 60_000) * 60_000;
  const selected = { table: tableName, filters, ...rangeDates(scope.range, now) };

  const values = useQuery(
    trpc.logs.values.queryOptions(
      { ...selected, column: field ?? "", search: search.slice(0, 200) || undefined },
      { enabled: scope.isOpen && field !== undefined, placeholderData: keepPreviousData, staleTime: FRESH_MS },
    ),
  );
  const hasMembers = draft.stage === "column" && !isMasked && seen.columns.some(({ type }) => type === "jsonb");
  const members = useQuery(
    trpc.logs.members.queryOptions(selected, {
      enabled: scope.isOpen && hasMembers,
      placeholderData: keepPreviousData,
      staleTime: FRESH_MS,
    }),
  );
  return {
    term,
    typedField,
    values: field === undefined ? [] : (values.data?.values ?? []),
    members: hasMembers ? (members.data?.members ?? []) : [],
    isLoading: (field !== undefined && values.isFetching) || (term.field.includes(".") && members.isFetching),
    isMasked,
  };
}

function isSuggested({ filter, codes }: Column): boolean {
  return filter !== "range" && !codes;
}

function writtenField(field: Pick<FieldTerm, "field" | "path">): string {
  return writeField({ ...field, test: { op: "set" } }).slice(0, -":*".length);
}
