import { parseFilter } from "./parse";
import { FilterSyntaxError } from "./syntax-error";
import { fieldTerms } from "./tree";

/** Returns the fields used by a filter; empty if the filter is invalid, which lists reject. */
export function filterFields(text: string): string[] {
  try {
    return fieldTerms(parseFilter(text)).map(({ field }) => field);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return [];
    throw error;
  }
}
