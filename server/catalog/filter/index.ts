export { filterFields } from "./fields";
export { parseFilter } from "./parse";
export { FilterSyntaxError } from "./syntax-error";
export { type FieldOperator, type FieldTerm, type FilterExpression, fieldTerms } from "./tree";
export { writeFilter } from "./write";

/** The parameter of lists, histograms, exports and streams that takes an expression. */
export const FILTER_PARAMETER = "filter";
