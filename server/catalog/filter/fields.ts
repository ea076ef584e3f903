import { parseFilter } from "./parse";
import { FilterSyntaxError } from "./syntax-error";
import { fieldTerms } from "./tree";

/** The fields that a filter's text asks about; none where it is no filter, which lists refuse. */
export function filterFields(text: string): string[] {
  try {
    return fieldTerms(parseFilter(text)).map(({ field }) => field);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return [];
    throw error;
  }
}
