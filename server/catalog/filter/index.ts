export { filterTerms } from "./filter-terms";
export { FILTER_PARAMETER, filterNames, NOT } from "./names";
export { type Conjunct, parseConjuncts, parseFilter } from "./parse";
export { type Pattern, quoted } from "./pattern";
export { FilterSyntaxError } from "./syntax-error";
export { type FieldTerm, type FieldTest, type FilterExpression, type TextTerm, termsOf } from "./tree";
export { writeField } from "./write";
