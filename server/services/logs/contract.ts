import { z } from "zod";
import { BROWSED_TABLE_NAMES, type BrowsedTable, type Column } from "@/server/catalog";
import { FILTER_PARAMETER, filterNames } from "@/server/catalog/filter";
import { instant, pageSize, twoWayPage, wholeNumber } from "@/server/lib/contract";

const table = z.enum(BROWSED_TABLE_NAMES);

/** A time range and filters, named like the parameters of the list. */
const selection = {
  filters: z.record(z.string(), z.string()).optional(),
  start_date: z.string().optional().describe("Inclusive start"),
  end_date: z.string().optional().describe("Inclusive end, to its own precision"),
};
const { filters, ...range } = selection;
const archived = {
  include_archived: z
    .boolean()
    .optional()
    .describe("Whether archived rows are included. They have `archived: true`; restored rows are not archived"),
};
export type LogFilters = Readonly<z.infer<z.ZodObject<typeof selection & typeof archived>>>;

const paging = {
  page: wholeNumber(1, 1_000_000_000).optional(),
  page_size: pageSize,
  cursor: z.string().optional(),
  at: z.string().optional().describe("Starts the page at this time; not with page or cursor"),
  sort: z.enum(["created_at", "-created_at"]).optional(),
  count: z
    .enum(["estimate", "exact", "none"])
    .optional()
    .describe("The count of matching rows. By default `none` with cursor or at, otherwise an estimate"),
};
const key = { created_at: z.iso.datetime({ offset: true }), id: z.guid() };
const selected = z.strictObject({ table, ...selection });

export const tableKey = z.strictObject({ table });
export const logKey = z.strictObject({ table, ...key });
export type LogKey = Omit<z.infer<typeof logKey>, "table">;
export const logQuery = selected.extend({
  ...paging,
  ...archived,
  is_progressive: z.boolean().optional().describe("Whether a long search returns what it found in the first seconds"),
});
/** As services accept it: with the configured page size by default. */
export type LogQuery = Omit<z.input<typeof logQuery>, "table">;
export const countQuery = selected.extend({ ...archived, mode: z.enum(["estimate", "exact"]) });
export type CountQuery = Omit<z.infer<typeof countQuery>, "table">;
export const histogramQuery = selected.extend({ ...archived, buckets: wholeNumber(1, 200).default(60) });
export type HistogramQuery = Omit<z.infer<typeof histogramQuery>, "table">;
export const contextQuery = logKey.extend({
  session_id: z.string().max(1_000),
  limit: wholeNumber(1, 20).default(5),
});
export type SessionContextQuery = Omit<z.infer<typeof contextQuery>, "table">;
export const valuesQuery = selected.extend({
  column: z.string().max(1_000).describe("A field as in expressions: a column, a derived field, or details.KEY"),
  search: z.string().max(200).optional(),
});
export type ValuesQuery = Omit<z.infer<typeof valuesQuery>, "table">;
export const membersQuery = selected;
export const tailQuery = z.strictObject({
  table,
  filters,
  lastEventId: z
    .string()
    .regex(/^\d{1,19}$/)
    .nullish()
    .describe("The position at which a reader that reconnects continues"),
});
export const viewInput = z.strictObject({
  table,
  name: z.string().trim().min(1).max(100),
  search: z.string().max(4_000).describe("The query of the page's URL"),
  is_shared: z.boolean().optional().describe("Whether everyone may open the view"),
});
export type ViewInput = z.infer<typeof viewInput>;
export const viewChange = viewInput.omit({ table: true }).partial().extend({ id: z.guid() });
export type ViewChange = z.infer<typeof viewChange>;
export const viewKey = z.strictObject({ id: z.guid() });

/** The query of the list of `table`, with a parameter per filter. */
export function logListQuery(table: BrowsedTable) {
  return z
    .strictObject({ ...filterParameters(table), ...paging, ...range, ...archived })
    .transform(({ page, page_size, cursor, at, sort, count, start_date, end_date, include_archived, ...given }) => ({
      page,
      page_size,
      cursor,
      at,
      sort,
      count,
      start_date,
      end_date,
      include_archived,
      filters: definedOnly(given),
    }));
}

/** The query of the CSV export of `table`, with a parameter per filter. */
export function csvQuery(table: BrowsedTable) {
  return z
    .strictObject({
      ...filterParameters(table),
      ...range,
      bom: z.boolean().default(false).describe("Whether the text starts with a byte order mark"),
    })
    .transform(({ start_date, end_date, bom, ...given }) => ({
      start_date,
      end_date,
      bom,
      filters: definedOnly(given),
    }));
}

function filterParameters(table: BrowsedTable) {
  const text = z.string().optional();
  const expression = text.describe(
    "A filter expression: fields, and, or, not, and words to search for (docs/filters.md)",
  );
  return Object.fromEntries(filterNames(table).map((name) => [name, name === FILTER_PARAMETER ? expression : text]));
}

function definedOnly(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const row = z.looseObject({ id: z.guid(), created_at: instant });
export type LogRow = z.infer<typeof row>;

const logPage = twoWayPage(row).extend({
  total: z.int().nullable().describe("Matching rows; null with count=none"),
  total_is_exact: z.boolean(),
  page: z.int().nullable().describe("Null in cursor mode"),
  page_size: z.int(),
  total_pages: z.int().nullable(),
  has_next: z.boolean(),
  has_prev: z.boolean(),
  first_row: z.int().nullable().describe("The 1-based position of the first item; null if unknown, as after a jump"),
});
/** A page; `search` is set if a progressive one ended early. */
export interface LogPage extends z.infer<typeof logPage> {
  readonly search?: { readonly cursor: string; readonly searched_to: string };
}

const VALUES = {
  uuid: z.guid(),
  text: z.string(),
  inet: z.string(),
  integer: z.int(),
  jsonb: z.unknown(),
  timestamptz: instant,
} as const satisfies Record<Column["type"], z.ZodType>;

/** The page of `table`, with all columns of the catalog. */
export function logPageOf(table: BrowsedTable) {
  const columns = Object.fromEntries(
    table.columns.map(({ name, type, required }) => [name, required ? VALUES[type] : VALUES[type].nullable()]),
  );
  const isArchived = z.literal(true).optional().describe("Set with include_archived if the row is only in an archive");
  return logPage.extend({ items: z.array(z.object({ ...columns, ...row.shape, archived: isArchived })) });
}

const rowCount = z.object({
  count: z.int(),
  is_exact: z.boolean(),
  gave_up: z
    .boolean()
    .describe(
      "Whether counting reached its time limit, so that `count` is an estimate although an exact one was requested",
    ),
});
export type RowCount = z.infer<typeof rowCount>;

export const STATUS_CLASSES = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "7xx", "8xx", "9xx"] as const;

const bucket = z.object({
  at: instant.describe("The start of the bucket. It ends at the start of the next one"),
  count: z.int(),
  by_status: z
    .partialRecord(z.enum([...STATUS_CLASSES, "none"]), z.int())
    .optional()
    .describe(
      "Rows by status class, for a table with a status. Classes without rows are omitted; rows without a status are `none`",
    ),
});
export type HistogramBucket = z.infer<typeof bucket>;

const histogram = z.object({
  start: instant,
  end: instant.describe("Exclusive end"),
  bucket_seconds: z.number(),
  is_exact: z.boolean().describe("False if the counts are estimated from a sample"),
  total: z.int(),
  buckets: z.array(bucket),
});
export type Histogram = z.infer<typeof histogram>;

/** The rows of the session just before and after a row, each oldest first. */
const sessionContext = z.object({ before: z.array(row), after: z.array(row) });
export type SessionContext = z.infer<typeof sessionContext>;

const suggestedValue = z.object({
  value: z.string(),
  share: z.number().describe("The share, from 0 to 1, of all rows if statistics exist, otherwise of the newest rows"),
});
export type SuggestedValue = z.infer<typeof suggestedValue>;

const suggestedMember = z.object({
  field: z.string().describe('As in expressions: `details."case number"`'),
  example: z.string().describe("The value in the newest row that has one"),
  share: z.number().describe("The share, from 0 to 1, of the newest matching rows that have a value"),
});
export type SuggestedMember = z.infer<typeof suggestedMember>;

const tailBatch = z.object({
  rows: z.array(row).describe("Newest last"),
  skipped: z.int().describe("The number of new rows omitted because of the limit per second"),
  horizon: z
    .string()
    .describe(
      "The position after this batch, from which a tail can resume. Rows committed in the meantime may be repeated",
    ),
});
export type TailBatch = z.infer<typeof tailBatch>;

const savedView = z.object({
  id: z.guid(),
  name: z.string(),
  search: z.string().describe("The page's URL query"),
  saved_at: instant,
  is_shared: z.boolean().describe("Whether everyone may open it"),
  is_own: z.boolean(),
  can_change: z.boolean(),
  owner: z.string(),
});
export type SavedView = z.infer<typeof savedView>;
