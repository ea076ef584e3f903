import { z } from "zod";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { type CodedError, codedError, storedError } from "@/server/catalog/errors";
import { instant, paging, renderedErrorFields, renderedMessageFields, twoWayPage } from "@/server/lib/contract";
import { inputIssue } from "@/server/lib/parse";

const MAX_IDS = 10_000;

const filter = {
  queue: z.enum(LOG_TABLE_NAMES).optional(),
  error: z.union([z.string(), codedError]).optional().describe("An error as in responses"),
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

const group = z.object({ queue: z.string(), error: storedError, count: z.int(), last_seen_at: instant });
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
export type DeadLetterSelection =
  | { readonly ids: readonly string[] }
  | { readonly queue: LogTableName; readonly error?: string | CodedError };

/** Parses `{ids}` or `{queue, error}`. Both fields are required, so that omitting one cannot select a whole queue. */
function toSelection(
  { ids, queue, error }: z.infer<z.ZodObject<typeof selectionFields>>,
  refine: z.RefinementCtx,
): DeadLetterSelection {
  if (ids && queue === undefined && error === undefined) return { ids };
  if (!ids && queue !== undefined && error !== undefined) return { queue, error };
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

export const discardResult = z.object({ discarded: z.int() });
export type DiscardResult = z.infer<typeof discardResult>;
