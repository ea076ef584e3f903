export { explorer, exploringOf, refuseMaskedSelection } from "./explorer";
export { groupField } from "./fields";
export { type MatchingRows, type Period, type Selection, withMatchingRows } from "./rows";
