/** Increase after a change of the columns in server/columnar/layout.ts or the catalog; all segments are then rewritten. */
export const SEGMENT_LAYOUT = 1;
