import { z } from "zod";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { type CodedError, codedError, storedError } from "@/server/catalog/errors";
import {
  instant,
  nullableRenderedErrorFields,
  paging,
  renderedErrorFields,
  renderedMessageFields,
  twoWayPage,
} from "@/server/lib/contract";
import { compileDatePattern } from "@/server/lib/date-pattern";
import { inputIssue } from "@/server/lib/parse";

const MAX_IDS = 10_000;

/** PostgreSQL's text and JSON have no NUL character. */
const withoutNul = z.string().regex(/^[^\0]*$/);

const filter = {
  queue: z.enum(LOG_TABLE_NAMES).optional(),
  error: z.union([z.string(), codedError]).optional().describe("An error as in responses"),
  search: withoutNul.min(1).max(200).optional().describe("Text in the payload or the source, in any case"),
};

export const deadLetterKey = z.strictObject({ id: z.guid() });
export const deadLetterFilter = z.strictObject(filter);
export type DeadLetterFilter = z.infer<typeof deadLetterFilter>;
export const deadLettersQuery = z.strictObject({ ...filter, ...paging });
export type DeadLettersQuery = z.infer<typeof deadLettersQuery>;

export const deadLetter = z.object({
  id: z.guid(),
  queue: z.string(),
  payload: z.string().describe("The original event; truncated in lists when it is long"),
  payload_truncated: z.boolean().describe("Whether payload is truncated; GET /dead-letters/ID returns it completely"),
  format: z.string().describe("How payload is parsed on replay: json, log_line or csv (with its header in csv_header)"),
  csv_header: z.string().nullable(),
  mapping: z.string().nullable().describe("The mapping that payload is read with on replay"),
  error: storedError,
  source: z.string().nullable(),
  line: z.int().nullable(),
  attempts: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** The hours of a group's trend. */
export const TREND_HOURS = 24;

const group = z.object({
  queue: z.string(),
  error: storedError,
  count: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
  trend: z
    .array(z.int())
    .length(TREND_HOURS)
    .describe("Dead letters first seen in each of the last 24 hours, oldest first"),
  producers: z
    .array(z.object({ source: z.string().nullable(), requested_by: z.string().nullable(), count: z.int() }))
    .describe("Who sent the 200 last seen ones, the most first: their source, and the user or API key of their import"),
});
export type DeadLetterGroup = z.infer<typeof group>;

export const deadLetterPage = twoWayPage(deadLetter);
export type DeadLetterPage = z.infer<typeof deadLetterPage>;

/** The REST response. */
export const deadLetterAnswer = deadLetter.extend(renderedErrorFields);
export const deadLettersAnswer = twoWayPage(deadLetterAnswer).extend({
  groups: z.array(group.extend(renderedErrorFields)),
});

const selectionFields = {
  ids: z.array(z.guid()).min(1).max(MAX_IDS).optional(),
  ...filter,
};

/** The dead letters to replay or discard: by id, all of a queue, or all with one error. */
export type DeadLetterSelection = { readonly ids: readonly string[] } | DeadLetterGroupSelection;

interface DeadLetterGroupSelection {
  readonly queue: LogTableName;
  readonly error?: string | CodedError;
  readonly search?: string;
}

/** Parses `{ids}` or `{queue, error}`, which `search` narrows. Both fields are required, so that omitting one cannot select a whole queue. */
function toSelection(
  { ids, queue, error, search }: z.infer<z.ZodObject<typeof selectionFields>>,
  refine: z.RefinementCtx,
): DeadLetterSelection {
  if (ids && queue === undefined && error === undefined && search === undefined) return { ids };
  if (!ids && queue !== undefined && error !== undefined) return { queue, error, search };
  refine.addIssue(inputIssue("input.ids_or_group", {}));
  return z.NEVER;
}

export const deadLetterSelection = z.strictObject(selectionFields).transform(toSelection);

/** A selection, with the edited event if it is a single dead letter. */
export const deadLetterReplay = z
  .strictObject({
    ...selectionFields,
    payload: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .transform((edited) => (typeof edited === "string" ? edited : JSON.stringify(edited)))
      .optional(),
  })
  .transform(({ payload, ...selection }, refine) => ({ selection: toSelection(selection, refine), payload }));

export const replayResult = z.object({
  replayed: z.int().describe("Inserted, or already present; they are no longer dead letters"),
  inserted: z.int(),
  duplicates: z.int(),
  dropped: z.int().describe("Events that an intake rule dropped; they are no longer dead letters"),
  still_dead: z.int(),
  errors: z
    .array(z.object({ id: z.guid(), error: storedError }))
    .describe("The reasons of the first 100 that failed again"),
});
/** The REST response. */
export const replayAnswer = replayResult.extend({
  errors: z.array(z.object({ id: z.guid(), ...renderedMessageFields })),
});
export type ReplayResult = z.infer<typeof replayResult>;

const field = withoutNul
  .min(1)
  .max(500)
  .describe("The path of a field as in mappings: request.remote_ip. In log lines, a field of the parsed line");

/** Changes of dead letters before they are read, in their order. */
const letterChange = z.discriminatedUnion("change", [
  z.strictObject({
    change: z.literal("replace"),
    field: field.nullable().default(null).describe("Null: in the whole payload"),
    find: withoutNul.min(1).max(1_000),
    replace: withoutNul.max(1_000),
  }),
  z.strictObject({
    change: z.literal("date"),
    field,
    format: withoutNul
      .min(1)
      .max(100)
      .refine((pattern) => compileDatePattern(pattern) !== undefined, inputIssue("input.date_format", {}))
      .describe("How the date is written: dd.MM.yyyy HH:mm:ss"),
  }),
]);
export type LetterChange = z.infer<typeof letterChange>;

/** The dead letters of one error, and how they are changed before they are replayed. The payloads remain. */
export const groupReplay = z.strictObject({
  queue: z.enum(LOG_TABLE_NAMES),
  error: z.union([z.string(), codedError]),
  search: filter.search,
  map: withoutNul
    .min(1)
    .max(8_192)
    .nullable()
    .optional()
    .describe("The mapping to read them with: a name or an expression; null: none; default: that of each"),
  changes: z.array(letterChange).max(20).default([]),
});
export type GroupReplay = z.infer<typeof groupReplay>;

export const groupReplayPreview = groupReplay.extend({ limit: z.int().min(1).max(50).default(10) });
export type GroupReplayPreview = z.infer<typeof groupReplayPreview>;

const replayedExample = z.object({
  id: z.guid(),
  payload: z.string().describe("Up to 2,000 characters"),
  outcome: z.enum(["row", "dead_letter", "dropped"]).describe("A row may be a duplicate"),
  row: z.record(z.string(), z.unknown()).nullable(),
  error: storedError.nullable().describe("Why it would remain a dead letter"),
  dropped_by: z.string().nullable().describe("The intake rule that would drop it"),
});
export const replayPreview = z.object({
  total: z.int().describe("Dead letters that would be replayed"),
  fields: z.array(z.string()).describe("The paths of the fields of the examples"),
  items: z.array(replayedExample).describe("The last seen ones"),
});
export type ReplayPreview = z.infer<typeof replayPreview>;
/** The REST response. */
export const replayPreviewAnswer = replayPreview.extend({
  items: z.array(replayedExample.extend(nullableRenderedErrorFields)),
});

/** The params of a replay job: the expression of the mapping, so that a later version of its name changes nothing. */
export const replayParams = groupReplay.extend({ error: codedError.array() });
export const replayCounts = z.object({
  replayed: z.int(),
  inserted: z.int(),
  duplicates: z.int(),
  dropped: z.int(),
  still_dead: z.int(),
});
export type ReplayCounts = z.infer<typeof replayCounts>;

export const discardResult = z.object({ discarded: z.int() });
export type DiscardResult = z.infer<typeof discardResult>;
