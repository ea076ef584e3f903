"use client";

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { useTRPC } from "../trpc";
import { type CodeLabel, useCodeLabels } from "../ui/use-code-labels";
import { useColumnLabels } from "../ui/use-column-labels";
import { useSeenTable } from "../ui/use-seen-table";
import type { Draft } from "./draft";
import { expressionProblem, isPresence, isSearch } from "./expression";
import {
  type Chip,
  type Filter,
  isExpression,
  keyOf,
  type Operator,
  operatorsOf,
  sentValue,
  typedFilter,
} from "./filters";
import { guessFilters, readTypedFilters } from "./typed-filters";
import { useFilterText } from "./use-filter-text";

/** Debounce while typing a word. */
const TYPING_MS = 150;
const MAX_GUESSES = 4;
const STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;

export interface FilterOption {
  /** Unique in the list. */
  key: string;
  label: string;
  hint?: string;
  /** The next step, or complete filters. */
  to: Draft | readonly Chip[];
}

/** The options at the current step of a filter for the typed text. */
export function useFilterOptions(tableName: BrowsedTableName, draft: Draft, text: string) {
  const t = useTranslations("logFilter");
  const format = useFormatter();
  const labels = useColumnLabels();
  const { text: filterText } = useFilterText();
  const codes = useCodeLabels();
  const trpc = useTRPC();
  const table = useSeenTable(tableName);
  const typed = text.trim();
  const [search] = useDebouncedValue(typed, TYPING_MS);
  const suggests = draft.stage === "value" && draft.column.filter !== "range" && !draft.column.codes;

  const values = useQuery(
    trpc.logs.values.queryOptions(
      {
        table: tableName,
        column: draft.stage === "value" ? draft.column.name : "",
        search: search.slice(0, 200) || undefined,
      },
      { enabled: suggests, placeholderData: keepPreviousData, staleTime: 60_000 },
    ),
  );

  const done = (filters: readonly Chip[], hint?: string): FilterOption => ({
    key: `done ${filters.map((filter) => `${keyOf(filter)}=${isExpression(filter) ? "" : sentValue(filter)}`).join("&")}`,
    label: filters.map(filterText).join(", "),
    hint,
    to: filters,
  });

  const columnOptions = (): FilterOption[] => {
    const complete = readTypedFilters(table, text, labels);
    if (complete) return [done(complete, "↵")];
    const needle = typed.toLowerCase();
    const guesses = guessFilters(table, typed, labels).slice(0, MAX_GUESSES);
    // An address, status or path is recognized by its form; any other text could be the exact value of any column.
    const isForm = ({ column }: Filter) => column.filter !== "exact";
    const isValue = isSearch(typed) || !/[\s()]/.test(typed);
    const columns = table.columns.filter(
      (column) =>
        column.filter !== undefined &&
        (column.name.includes(needle) || (labels[column.name] ?? "").toLowerCase().includes(needle)),
    );
    return [
      ...columns.map((column) => ({
        key: `column ${column.name}`,
        label: labels[column.name] ?? column.name,
        hint: column.name,
        to: { stage: "operator", column } satisfies Draft,
      })),
      ...guesses.filter(isForm).map((filter) => done([filter])),
      ...expressionOptions(),
      ...(isValue ? guesses : []).filter((filter) => !isForm(filter)).map((filter) => done([filter])),
    ];
  };

  const expressionOptions = (): FilterOption[] => {
    if (typed === "" || expressionProblem(table, typed)) return [];
    // Text could find masked values.
    if (isSearch(typed) && table !== browsedTables[tableName]) return [];
    const label = isSearch(typed) ? t("search", { text: typed }) : typed;
    return [{ key: "expression", label, hint: t("expressionHint"), to: [{ expression: typed }] }];
  };

  if (draft.stage === "column")
    return { options: draft.edited ? expressionOptions() : columnOptions(), isLoading: false };
  if (draft.stage === "operator") {
    const { column, edited } = draft;
    const options = operatorsOf(column).map((operator): FilterOption => {
      const hint = hasHint(operator) ? t(`operatorHint.${operator}`) : undefined;
      const form =
        isPresence(operator) || (column.filter !== "network" && column.filter !== "status")
          ? undefined
          : t(`${column.filter}Hint`);
      return {
        key: `operator ${operator}`,
        label: t(`operator.${operator}`),
        hint: hint ?? form,
        to: isPresence(operator) ? [{ column, operator, value: "" }] : { stage: "value", column, operator, edited },
      };
    });
    const needle = typed
      .toLowerCase()
      .replace(/^[>＞][=＝]?$/, "≥")
      .replace(/^[<＜][=＝]?$/, "≤");
    return {
      options: options.filter(({ label }) => label.toLowerCase().includes(needle)),
      isLoading: false,
    };
  }

  const { column, operator } = draft;
  const option = (value: string, label: string, hint?: string): FilterOption => ({
    key: `value ${value}`,
    label,
    hint,
    to: [{ column, operator, value }],
  });
  if (column.codes) {
    const has = (text: string) => text.toLowerCase().includes(typed.toLowerCase());
    const isWhole = operator === "is" || operator === "isNot";
    const known = codes.labelsOf(column);
    return {
      options: isWhole
        ? known.filter(({ code, label }) => has(code) || has(label)).map(({ code, label }) => option(code, label, code))
        : groupsOf(known)
            .filter(has)
            .map((group) => option(group, group)),
      isLoading: false,
    };
  }
  const classes = column.filter === "status" ? STATUS_CLASSES : [];
  const matching = classes.filter((name) => name.includes(typed.toLowerCase()) && name !== typed);
  const found = suggests ? (values.data?.values ?? []) : [];
  return {
    options: [
      ...(typed === ""
        ? []
        : [
            {
              ...option(typed, t("use", { value: typed }), "↵"),
              to: [typedFilter({ column, operator, value: typed })],
            },
          ]),
      ...matching.map((name) => option(name, name, t(`classes.${name}`))),
      ...found
        .filter(({ value }) => value !== typed && value.toLowerCase().includes(typed.toLowerCase()))
        .map(({ value, share }) =>
          option(value, value, format.number(share, { style: "percent", maximumSignificantDigits: 2 })),
        ),
    ],
    isLoading: suggests && values.isFetching,
  };
}

const HINTED = ["isNot", "notStartsWith", "isEmpty", "isEmptyText"] as const;

function hasHint(operator: Operator): operator is (typeof HINTED)[number] {
  return HINTED.some((one) => one === operator);
}

/** Prefixes of codes: `user.` of `user.disable`. */
function groupsOf(codes: readonly CodeLabel[]): string[] {
  return [...new Set(codes.flatMap(({ code }) => (code.includes(".") ? `${code.split(".")[0]}.` : [])))];
}
