import { parseFilter } from "./parse";
import { FilterSyntaxError } from "./syntax-error";
import { type FieldTerm, type TextTerm, termsOf } from "./tree";

/** Returns the terms of a filter; undefined if the filter is invalid, which lists reject. */
export function filterTerms(text: string): (FieldTerm | TextTerm)[] | undefined {
  try {
    return termsOf(parseFilter(text));
  } catch (error) {
    if (error instanceof FilterSyntaxError) return undefined;
    throw error;
  }
}
