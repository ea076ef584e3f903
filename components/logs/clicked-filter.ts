import { isPresence } from "../filter-bar/expression";
import { type Chip, type FilterParameters, isExpression, isNegative, withFilter } from "../filter-bar/filters";

/**
 * Returns the filters with a clicked value. It replaces the other values of its column: statuses would be added to the
 * existing list, but here only the clicked one is meant.
 */
export function withClicked(filters: FilterParameters, clicked: Chip): Record<string, string> {
  if (isExpression(clicked)) return withFilter(filters, clicked);
  const { name: column } = clicked.column;
  const dropped = isPresence(clicked.operator)
    ? []
    : isNegative(clicked.operator)
      ? [column]
      : [column, `not_${column}`];
  return withFilter(Object.fromEntries(Object.entries(filters).filter(([name]) => !dropped.includes(name))), clicked);
}
