import { z } from "zod";
import type { Column, LogTable } from "@/server/catalog";
import type { IngestResult } from "@/server/services/intake";
import type { Content } from "../endpoint";

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

/** What POST /access-logs and /user-activities take, gzipped or not. */
export function intakeContent(table: LogTable): Content {
  const one = event(table);
  return {
    "application/json": z.union([z.array(one), z.strictObject({ items: z.array(one) }), one]),
    "application/x-ndjson": text.describe("A JSON object a line"),
    "text/csv": text.describe("With a header row of column names"),
    ...(table.acceptsLogLines ? { "text/plain": text.describe("Combined, Common or vhost-prefixed log lines") } : {}),
  };
}

/** The answer to the intake: received = queued + inserted + duplicates + rejected. */
export const intakeAnswer = z.object({
  import_id: z.int().nullable().describe("Null of fewer than 100 events in one JSON document without file_name"),
  status: z.enum(["completed", "failed"]).describe("failed: every record was rejected"),
  received: z.int(),
  queued: z.int(),
  inserted: z.int(),
  duplicates: z.int(),
  rejected: z.int().describe("Now among the dead letters"),
  errors: z.array(z.object({ line: z.int().nullable(), message: z.string() })).describe("The first 100"),
}) satisfies z.ZodType<IngestResult>;
