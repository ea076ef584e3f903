import { z } from "zod";
import { type Column, LOG_TABLE_NAMES, type LogTable } from "@/server/catalog";
import { encodingOf } from "@/server/catalog/encodings";
import { storedError } from "@/server/catalog/errors";
import { INTAKE_FORMATS } from "@/server/catalog/formats";
import { instant, renderedMessageFields, wholeNumber } from "@/server/lib/contract";
import { inputIssue } from "@/server/lib/parse";

const label = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\P{Cc}*$/u);

const encoding = z
  .string()
  .refine((name) => encodingOf(name) !== undefined, inputIssue("input.encoding", {}))
  .optional()
  .describe(
    "The encoding of the text, such as gb18030 or utf-16le. By default UTF-8, or UTF-16 if it has a byte order mark",
  );

export const intakeMode = z.enum(["queued", "direct"]);
export type IntakeMode = z.infer<typeof intakeMode>;

/** The name of a mapping, or its expression. */
const map = z.string().min(1).max(8_192);

/** The options of an intake. */
export const intakeQuery = z.strictObject({
  mode: intakeMode.default("queued"),
  encoding,
  source: label
    .optional()
    .describe(
      "The origin of the events, such as a host. Equal events of two sources are distinct. A file's name is not a source",
    ),
  map: map
    .optional()
    .describe(
      "How events become rows: the name of a mapping (with its version: edge@3) or preset, an nginx log_format, an Apache LogFormat, or column=path:unit pairs",
    ),
  file_name: label.optional().describe("The label of the import and its dead letters"),
});

const text = z.string();

/** The documented fields of an event of `table`. Other events become dead letters rather than errors. */
function event(table: LogTable) {
  const properties = table.columns.map((column) => {
    const value = valueFor(column);
    return [column.name, column.required ? value : value.optional()];
  });
  return z.looseObject(Object.fromEntries(properties)).describe("Fields without a column are stored in `extra`");
}

function valueFor({ type, maxLength, min, max }: Column): z.ZodType {
  if (type === "jsonb") return z.unknown();
  if (type === "timestamptz")
    return z.union([text, z.number()]).describe("ISO 8601, or seconds or milliseconds since 1970");
  if (type !== "integer") return maxLength === undefined ? text : text.max(maxLength);
  return z
    .int()
    .min(min ?? -2_147_483_648)
    .max(max ?? 2_147_483_647);
}

/** The accepted request bodies of an intake of `table`, gzipped or not, by media type. */
export function intakeContent(table: LogTable): Readonly<Record<string, z.ZodType>> {
  const one = event(table);
  return {
    "application/json": z.union([z.array(one), z.strictObject({ items: z.array(one) }), one]),
    "application/x-ndjson": text.describe("One JSON object per line"),
    "text/csv": text.describe("With a header row of column names"),
    ...(table.acceptsLogLines ? { "text/plain": text.describe("Combined, Common or vhost-prefixed log lines") } : {}),
  };
}

const intakeResult = z.object({
  received: z.int(),
  inserted: z.int(),
  duplicates: z.int(),
  rejected: z.int().describe("Events stored as dead letters"),
  dropped: z.int().describe("Events that an intake rule dropped"),
  errors: z.array(z.object({ line: z.int().nullable(), error: storedError })).describe("The first 100 errors"),
});
/** received = inserted + duplicates + rejected + dropped. */
export type IntakeResult = z.infer<typeof intakeResult>;

/** The result for a file or request: received = queued + inserted + duplicates + rejected + dropped. */
export const ingestResult = intakeResult.extend({
  import_id: z.int().nullable().describe("Null for fewer than 100 events in one JSON document without file_name"),
  status: z.enum(["completed", "failed"]).describe("failed: every record was rejected"),
  queued: z.int(),
  mapping: z.string().nullable().describe("The mapping that the events were read with, given or detected"),
});
/** The REST response. */
export const ingestAnswer = ingestResult.extend({
  errors: z.array(z.object({ line: z.int().nullable(), ...renderedMessageFields })).describe("The first 100"),
});
export type IngestResult = z.infer<typeof ingestResult>;
export type IngestAnswer = z.infer<typeof ingestAnswer>;

/** Maximum number of base64 characters: more than the page sends. */
const MAX_SAMPLE = 400_000;

/** The beginning of a file and the options chosen by the user. Other options are detected from the sample. */
export const previewInput = z
  .strictObject({
    sample: z.base64().max(MAX_SAMPLE).describe("The beginning of the file; compressed with zstd or xz, or text"),
    isWhole: z.boolean().describe("Whether the sample is the whole file"),
    lastModified: z.int().optional().describe("The file's modification time, in milliseconds since 1970"),
    table: z.enum(LOG_TABLE_NAMES).optional(),
    preferred: z.enum(LOG_TABLE_NAMES).optional().describe("The table to use if several fit the sample"),
    format: z.enum(INTAKE_FORMATS).optional(),
    map: map.optional(),
    encoding,
  })
  .transform(({ sample, lastModified, ...choices }) => ({
    ...choices,
    sample: Buffer.from(sample, "base64"),
    lastModified: lastModified === undefined ? undefined : new Date(lastModified),
  }));
/** The decoded request; its sample can contain any bytes. */
export type PreviewRequest = Omit<z.output<typeof previewInput>, "sample" | "lastModified" | "map"> & {
  readonly mapping?: MappingChoice;
  readonly sample: Uint8Array;
  readonly lastModified?: Date;
};

/** The mapping of an intake. */
export interface MappingChoice {
  /** Its name with its version, or the expression: shown with the import. */
  readonly label: string;
  readonly expression: string;
}

const previewRecord = z.object({
  line: z.int().describe("The line in the file, from 1; in a JSON document, the position of the event"),
  text,
  row: z.record(z.string(), z.unknown()).nullable().describe("The resulting row; null if the line is rejected"),
  problem: storedError.nullable().describe("Why the line will be rejected, with the error of its dead letter"),
  dropped_by: text.nullable().describe("The intake rule that will drop the line"),
  redacted_by: z.array(text).describe("The intake rules that redacted parts of the row"),
});
export type PreviewRecord = z.infer<typeof previewRecord>;

/** The preview of an import from the beginning of a file. */
const importPreview = z.object({
  table: z.enum(LOG_TABLE_NAMES),
  format: z.enum(INTAKE_FORMATS),
  encoding: z.string().describe("The encoding used for reading"),
  mapping: z.string().nullable().describe("The mapping that the records are read with, as requested or detected"),
  detection: z
    .object({ matched: z.int(), records: z.int() })
    .nullable()
    .describe("How many of the first records the detected mapping can store"),
  fields: z.array(z.string()).describe("The paths of the fields of JSON and CSV, as in pairs"),
  is_binary: z.boolean(),
  problem: storedError.nullable().describe("The reason if the file cannot be read"),
  position: z.int().nullable().describe("The position of the error in the mapping, in characters"),
  records: z.array(previewRecord),
});
export type ImportPreview = z.infer<typeof importPreview>;

export const historyQuery = z.strictObject({ minutes: wholeNumber(1, 60) });

const intakeCounts = z.object({
  received: z.int(),
  inserted: z.int(),
  duplicates: z.int(),
  dead: z.int(),
  dropped: z.int(),
});
export type IntakeCounts = z.infer<typeof intakeCounts>;

export const queueHistory = z.object({
  queue: z.enum(LOG_TABLE_NAMES),
  points: z
    .array(intakeCounts.extend({ at: instant }))
    .describe("One point per 10 seconds, oldest first, without gaps. `at` is the bucket's start"),
});
export type QueueHistory = z.infer<typeof queueHistory>;

/** What a rule can redact besides own expressions. */
export const redactionKind = z.enum(["identity_card", "mobile_phone", "token", "email", "bank_card"]);
export type RedactionKind = z.infer<typeof redactionKind>;

const ruleFields = {
  id: z.guid().describe("Unchanged when the rule is changed; sampling depends on it"),
  name: label.max(100),
  enabled: z.boolean().default(true),
};
const condition = z.string().min(1).max(2_000).describe("A filter expression");
const anyCondition = condition.nullable().default(null).describe("A filter expression; null for all events");

const redactRule = z.strictObject({
  ...ruleFields,
  action: z.literal("redact"),
  filter: anyCondition,
  columns: z.array(z.string()).min(1).max(50).describe("Columns of text or JSON in which matches are replaced"),
  kinds: z.array(redactionKind).max(5).default([]),
  patterns: z
    .array(z.string().min(1).max(300))
    .max(5)
    .default([])
    .describe("Regular expressions in the syntax of RE2, whose matches are replaced"),
});
export type RedactRule = z.infer<typeof redactRule>;

/** A rule at intake. Rules are applied in their order to each event, before it is stored. */
export const intakeRule = z.discriminatedUnion("action", [
  z.strictObject({ ...ruleFields, action: z.literal("drop"), filter: condition }),
  z.strictObject({
    ...ruleFields,
    action: z.literal("sample"),
    filter: anyCondition,
    share: z.number().min(0).max(100).describe("The share of matching events that is stored, in percent"),
  }),
  redactRule,
]);
export type IntakeRule = z.infer<typeof intakeRule>;
