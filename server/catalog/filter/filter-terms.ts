import { parseFilter } from "./parse";
import { FilterSyntaxError } from "./syntax-error";
import { type FieldTerm, type TextTerm, termsOf } from "./tree";

/** Returns the terms of a filter; none if the filter is invalid, which lists reject. */
export function filterTerms(text: string): (FieldTerm | TextTerm)[] {
  try {
    return termsOf(parseFilter(text));
  } catch (error) {
    if (error instanceof FilterSyntaxError) return [];
    throw error;
  }
}
