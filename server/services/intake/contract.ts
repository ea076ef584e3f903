import { z } from "zod";
import { type Column, LOG_TABLE_NAMES, type LogTable } from "@/server/catalog";
import { encodingOf } from "@/server/catalog/encodings";
import { storedError } from "@/server/catalog/errors";
import { INTAKE_FORMATS } from "@/server/catalog/formats";
import { instant, spokenMessage, wholeNumber } from "@/server/lib/contract";
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
  .describe("Of the text, such as gb18030 or utf-16le; default UTF-8, or UTF-16 by its byte order mark");

/** What is said of the events of an intake. */
export const intakeQuery = z.strictObject({
  mode: z.enum(["queued", "direct"]).default("queued"),
  encoding,
  source: label
    .optional()
    .describe("Where the events come from, such as a host: equal events of two sources are two. A file's name is none"),
  file_name: label.optional().describe("What the import and its dead letters are labelled with"),
});

const text = z.string();

/** What one event of `table` may be. Whatever else it is goes to the dead letters; no request is refused for it. */
function event(table: LogTable) {
  const properties = table.columns.map((column) => {
    const value = valueFor(column);
    return [column.name, column.required ? value : value.optional()];
  });
  return z.looseObject(Object.fromEntries(properties)).describe("Fields without a column are kept in `extra`");
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

/** What an intake of `table` takes, gzipped or not, by media type. */
export function intakeContent(table: LogTable): Readonly<Record<string, z.ZodType>> {
  const one = event(table);
  return {
    "application/json": z.union([z.array(one), z.strictObject({ items: z.array(one) }), one]),
    "application/x-ndjson": text.describe("A JSON object a line"),
    "text/csv": text.describe("With a header row of column names"),
    ...(table.acceptsLogLines ? { "text/plain": text.describe("Combined, Common or vhost-prefixed log lines") } : {}),
  };
}

const intakeResult = z.object({
  received: z.int(),
  inserted: z.int(),
  duplicates: z.int(),
  rejected: z.int().describe("Now among the dead letters"),
  errors: z.array(z.object({ line: z.int().nullable(), error: storedError })).describe("The first 100"),
});
/** received = inserted + duplicates + rejected. */
export type IntakeResult = z.infer<typeof intakeResult>;

/** Of a file or request: received = queued + inserted + duplicates + rejected. */
export const ingestResult = intakeResult.extend({
  import_id: z.int().nullable().describe("Null for fewer than 100 events in one JSON document without file_name"),
  status: z.enum(["completed", "failed"]).describe("failed: every record was rejected"),
  queued: z.int(),
});
/** As REST answers it. */
export const ingestAnswer = ingestResult.extend({
  errors: z.array(z.object({ line: z.int().nullable(), ...spokenMessage })).describe("The first 100"),
});
export type IngestResult = z.infer<typeof ingestResult>;

/** Characters of base64: what the page reads of a file, and some. */
const MAX_SAMPLE = 400_000;

/** The beginning of a file, and what its user chose; what is not chosen is detected from the sample. */
export const previewInput = z
  .strictObject({
    sample: z.base64().max(MAX_SAMPLE).describe("Unpacked"),
    isWhole: z.boolean().describe("Whether the sample is the whole file"),
    lastModified: z.int().optional().describe("The file's modification time, in milliseconds since 1970"),
    table: z.enum(LOG_TABLE_NAMES).optional(),
    preferred: z.enum(LOG_TABLE_NAMES).optional().describe("The table to use when the sample fits several"),
    format: z.enum(INTAKE_FORMATS).optional(),
    encoding,
  })
  .transform(({ sample, lastModified, ...asked }) => ({
    ...asked,
    sample: Buffer.from(sample, "base64"),
    lastModified: lastModified === undefined ? undefined : new Date(lastModified),
  }));
/** The sample may be any bytes. */
export type PreviewRequest = Omit<z.output<typeof previewInput>, "sample" | "lastModified"> & {
  readonly sample: Uint8Array;
  readonly lastModified?: Date;
};

const previewRecord = z.object({
  line: z.int().describe("Of the file, from 1; the position in a JSON document"),
  text,
  row: z.record(z.string(), z.unknown()).nullable().describe("The resulting row; null if the line is rejected"),
  problem: storedError.nullable().describe("Why the line will be rejected, with the error of its dead letter"),
});
export type PreviewRecord = z.infer<typeof previewRecord>;

/** The preview of an import from the beginning of a file. */
const importPreview = z.object({
  table: z.enum(LOG_TABLE_NAMES),
  format: z.enum(INTAKE_FORMATS),
  encoding: z.string().describe("The encoding used for reading"),
  is_binary: z.boolean(),
  problem: storedError.nullable().describe("Why nothing of the file can be read"),
  records: z.array(previewRecord),
});
export type ImportPreview = z.infer<typeof importPreview>;

export const historyQuery = z.strictObject({ minutes: wholeNumber(1, 60) });

const intakeCounts = z.object({ received: z.int(), inserted: z.int(), duplicates: z.int(), dead: z.int() });
export type IntakeCounts = z.infer<typeof intakeCounts>;

const queueHistory = z.object({
  queue: z.enum(LOG_TABLE_NAMES),
  points: z
    .array(intakeCounts.extend({ at: instant }))
    .describe("One point per 10 seconds, oldest first, without gaps. `at` is the bucket's start"),
});
export type QueueHistory = z.infer<typeof queueHistory>;
