import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { instant } from "@/server/lib/contract";

/** Also in `--map` and `?map=`. */
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const table = z.enum(LOG_TABLE_NAMES);
const expression = z
  .string()
  .min(1)
  .max(8_192)
  .describe("An nginx log_format, an Apache LogFormat, or column=path:unit pairs");

export const mappingKey = z.strictObject({ name });
export const mappingChange = z.strictObject({ table, expression });
export const mappingSave = mappingChange.extend({ name });
export type MappingSave = z.infer<typeof mappingSave>;

export const mappingRecord = z.object({
  name,
  version: z.int(),
  table,
  expression,
  created_at: instant,
  created_by: z.string(),
});
export type MappingRecord = z.infer<typeof mappingRecord>;

/** A mapping with its previous versions, newest first. */
export const mappingAnswer = mappingRecord.extend({ versions: z.array(mappingRecord) });
export type MappingAnswer = z.infer<typeof mappingAnswer>;

export const mappingList = z.object({
  items: z.array(mappingRecord).describe("The latest version of each, by name"),
  presets: z
    .array(
      z.object({
        name: z.string(),
        title: z.string(),
        table,
        kind: z.enum(["text", "fields", "w3c", "wrapper"]),
        expression: z.string().nullable().describe("The pairs of a preset for JSON"),
        source: z.string().describe("Where the format is documented"),
      }),
    )
    .describe("The mappings that are part of the product"),
});
export type MappingList = z.infer<typeof mappingList>;

export const mappingRemoved = z.object({ name, removed: z.literal(true) });
