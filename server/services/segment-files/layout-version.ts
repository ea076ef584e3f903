/**
 * Increase after a change of the columns in server/columnar/layout.ts or the catalog, of derived fields
 * (server/catalog/derived-fields.ts), of row groups, or of the grams in
 * server/services/segment-blocks; all segments are then rewritten.
 */
export const SEGMENT_LAYOUT = 4;
