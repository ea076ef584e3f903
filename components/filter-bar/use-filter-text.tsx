"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useCallback } from "react";
import { useCodeLabels } from "../ui/use-code-labels";
import { useColumnLabels } from "../ui/use-column-labels";
import { isSearch } from "./expression";
import { type Chip, type Filter, isExpression } from "./filters";

/** Describes a filter: `Status is 4xx`, `IP address in 10.0.0.0/8`. */
export function useFilterText() {
  const t = useTranslations("logFilter.chip");
  const labels = useColumnLabels();
  const { labelOf } = useCodeLabels();

  const message = useCallback(
    ({ column, operator, value }: Filter) => {
      const isBlock = column.filter === "network" && value.includes("/");
      const key = isBlock && operator === "is" ? "in" : isBlock && operator === "isNot" ? "notIn" : operator;
      const isWhole = operator === "is" || operator === "isNot";
      const shown = (isWhole && labelOf(column, value)) || value;
      return { key, values: { column: labels[column.name] ?? column.name, value: shown } } as const;
    },
    [labels, labelOf],
  );

  /** Returns the text of a filter. */
  const text = useCallback(
    (filter: Chip): string => {
      if (isExpression(filter))
        return isSearch(filter.expression)
          ? t.markup("search", { ...filter, c: (chunks) => chunks })
          : filter.expression;
      const { key, values } = message(filter);
      return t.markup(key, { ...values, c: (chunks) => chunks });
    },
    [t, message],
  );

  /** Returns a filter with all but the value marked up. */
  const rich = useCallback(
    (filter: Chip, mark: (chunks: ReactNode) => ReactNode): ReactNode => {
      if (isExpression(filter))
        return isSearch(filter.expression) ? t.rich("search", { ...filter, c: mark }) : filter.expression;
      const { key, values } = message(filter);
      return t.rich(key, { ...values, c: mark });
    },
    [t, message],
  );

  return { text, rich };
}
