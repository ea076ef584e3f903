"use client";

import { useMessages, useTranslations } from "next-intl";
import type { BrowsedTableName } from "@/server/catalog";
import { type CodeLabel, useCodeLabels } from "../ui/use-code-labels";
import { useColumnLabels } from "../ui/use-column-labels";
import { useNumbers } from "../ui/use-numbers";
import { useSeenTable } from "../ui/use-seen-table";
import { completedTerm, fieldOptions } from "./completions";
import type { Draft } from "./draft";
import { expressionProblem, isPresence, isSearch } from "./expression";
import { type Chip, type Filter, isExpression, keyOf, type Operator, operatorsOf, sentValue } from "./filters";
import { guessFilters, readTypedFilters, typedChip } from "./typed-filters";
import { useFilterText } from "./use-filter-text";
import { type SuggestionScope, useSuggestions } from "./use-suggestions";

const MAX_GUESSES = 4;
/** Members are many; more appear while typing. */
const MAX_MEMBERS = 12;
const STATUS_CLASSES = ["2xx", "3xx", "4xx", "5xx"] as const;

const PRESENCE = { isSet: "*", isEmpty: "null" } as const;

export interface FilterOption {
  /** Unique in the list. */
  key: string;
  label: string;
  hint?: string;
  /** Whether it is one of several meanings of the text, which Enter alone does not accept. */
  isGuess?: boolean;
  /** The next step, complete filters, or an expression to be continued. */
  to: Draft | readonly Chip[] | { readonly text: string };
}

/** The options at the current step of a filter for the typed text. */
export function useFilterOptions(tableName: BrowsedTableName, draft: Draft, text: string, scope: SuggestionScope) {
  const t = useTranslations("logFilter");
  const labels = useColumnLabels();
  const derivedLabels: Readonly<Record<string, string>> = useMessages().logFilter.derived;
  const { text: filterText } = useFilterText();
  const codes = useCodeLabels();
  const table = useSeenTable(tableName);
  const typed = text.trim();
  const { term, typedField, values, members, isLoading, isMasked } = useSuggestions(tableName, draft, text, scope);
  const { percent } = useNumbers();

  const done = (filters: readonly Chip[], hint?: string): FilterOption => ({
    key: `done ${filters.map((filter) => `${keyOf(filter)}=${isExpression(filter) ? "" : sentValue(filter)}`).join("&")}`,
    label: filters.map(filterText).join(", "),
    hint,
    to: filters,
  });

  const columnOptions = (): FilterOption[] => {
    const complete = readTypedFilters(table, text, labels);
    if (complete) return [done(complete, "↵"), ...valueOptions()];
    if (typedField) return [...expressionOptions(), ...valueOptions()];
    const needle = typed.toLowerCase();
    const guesses = guessFilters(table, typed, labels).slice(0, MAX_GUESSES);
    // An address, status or path is recognized by its form; any other text could be the exact value of any column.
    const isForm = ({ column }: Filter) => column.filter !== "exact";
    const isValue = isSearch(typed) || !/[\s()]/.test(typed);
    const others = term.minus === "" ? fieldsWith(typed, "") : [];
    // The last word is the beginning of a field, unless the whole text is, which may have spaces.
    const isLast = term.field !== "" && term.field !== typed;
    const last = isLast ? fieldsWith(term.field, term.before) : [];
    const known = new Set(others.map(({ key }) => key));
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
      ...others.filter(({ isMember }) => !isMember),
      ...expressionOptions(),
      // They arrive later, and must not change what Enter selects.
      ...others.filter(({ isMember }) => isMember),
      ...last.filter(({ key }) => !known.has(key)),
      ...(isValue ? guesses : [])
        .filter((filter) => !isForm(filter))
        .map((filter) => ({ ...done([filter]), isGuess: true })),
    ];
  };

  /** Fields that become an expression, after the text before them. */
  const fieldsWith = (needle: string, before: string): (FilterOption & { isMember: boolean })[] => {
    const label = (field: string) => derivedLabels[field] ?? labels[field] ?? field;
    const found = fieldOptions(table, members, needle, isMasked, label);
    const shown = found.filter(({ kind }) => kind !== "member").length + MAX_MEMBERS;
    return found.slice(0, shown).map((option) => ({
      key: `field ${option.field}`,
      label: label(option.field),
      hint: option.kind === "member" ? option.example : option.field,
      to: { text: `${before}${term.minus}${option.field}:` },
      isMember: option.kind === "member",
    }));
  };

  /** Values of the field of the last term, and its presence. */
  const valueOptions = (): FilterOption[] => {
    if (!typedField) return [];
    const option = (key: string, label: string, completed: string, hint: string): FilterOption[] => {
      const whole = `${term.before}${completed}`;
      if (whole === typed) return [];
      const filters = readTypedFilters(table, whole, labels) ?? [{ expression: whole }];
      return [{ key, label, hint, to: term.before === "" ? filters : { text: `${whole} ` } }];
    };
    const presence = (["isSet", "isEmpty"] as const).flatMap((operator) => {
      const sign = PRESENCE[operator];
      return option(operator, t(`operator.${operator}`), `${term.minus}${term.field}:${sign}`, sign);
    });
    return [
      ...values.flatMap(({ value, share }) =>
        option(`value ${value}`, value, completedTerm(term, typedField, value), percent(share)),
      ),
      ...(term.value === "" ? presence : []),
    ];
  };

  const expressionOptions = (): FilterOption[] => {
    if (typed === "" || expressionProblem(table, typed)) return [];
    // Text could find masked values.
    if (isSearch(typed) && isMasked) return [];
    const label = isSearch(typed) ? t("search", { text: typed }) : typed;
    return [{ key: "expression", label, hint: t("expressionHint"), to: [{ expression: typed }] }];
  };

  if (draft.stage === "column") {
    const completions = typedField ? valueOptions() : term.field === "" ? [] : fieldsWith(term.field, term.before);
    return { options: draft.edited ? [...expressionOptions(), ...completions] : columnOptions(), isLoading };
  }
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
  return {
    options: [
      ...(typed === ""
        ? []
        : [
            {
              ...option(typed, t("use", { value: typed }), "↵"),
              to: [typedChip({ column, operator, value: typed })],
            },
          ]),
      ...matching.map((name) => option(name, name, t(`classes.${name}`))),
      ...values
        .filter(({ value }) => value !== typed && value.toLowerCase().includes(typed.toLowerCase()))
        .map(({ value, share }) => option(value, value, percent(share))),
    ],
    isLoading,
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
