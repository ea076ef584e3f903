import type { Column } from "@/server/catalog";
import { type ExpressionFilter, isPresence } from "./expression";
import { type Chip, type Comparison, type Filter, isExpression } from "./filters";

/** A filter being entered: column or expression, then operator, then value. */
export type Draft =
  | { stage: "column"; edited?: ExpressionFilter }
  | { stage: "operator"; column: Column; edited?: Filter }
  | { stage: "value"; column: Column; operator: Comparison; edited?: Filter };

export const EMPTY_DRAFT: Draft = { stage: "column" };

/** One step back: from the value to the operator, from there to the column. */
export function stepBack(draft: Draft): Draft {
  if (draft.stage === "value") return { stage: "operator", column: draft.column, edited: draft.edited };
  return EMPTY_DRAFT;
}

/** The draft for editing a filter, at its value, or at its operator if it has none. */
export function draftOf(filter: Chip): Draft {
  if (isExpression(filter)) return { stage: "column", edited: filter };
  if (isPresence(filter.operator)) return { stage: "operator", column: filter.column, edited: filter };
  return { stage: "value", column: filter.column, operator: filter.operator, edited: filter };
}
