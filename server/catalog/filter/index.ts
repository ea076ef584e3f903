export { filterFields } from "./fields";
export { FILTER_PARAMETER, filterNames, NOT } from "./names";
export { parseFilter } from "./parse";
export { FilterSyntaxError } from "./syntax-error";
export { type FieldOperator, type FieldTerm, type FilterExpression, fieldTerms } from "./tree";
export { writeFilter } from "./write";
