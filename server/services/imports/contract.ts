import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { storedError } from "@/server/catalog/errors";
import { forwardPage, instant, nullableRenderedErrorFields, paging } from "@/server/lib/contract";
import { intakeMode } from "@/server/services/intake/contract";

const IMPORT_STATUSES = [
  "running",
  "storing",
  "completed",
  "failed",
  "interrupted",
  "undoing",
  "partly_undone",
  "undone",
] as const;

/** The id of an import, as stored in its rows. */
const importId = z.int().min(1).max(2_147_483_647);

export const importKey = z.strictObject({ id: importId });
export const importsQuery = z.strictObject({ table: z.enum(LOG_TABLE_NAMES).optional(), ...paging });
export type ImportsQuery = z.infer<typeof importsQuery>;

const count = z.int();

/** An import; received = queued + inserted + duplicates + rejected + dropped. */
export const importRecord = z.object({
  import_id: importId,
  table: z.enum(LOG_TABLE_NAMES),
  status: z
    .enum(IMPORT_STATUSES)
    .describe(
      "running: being read; storing: some of its events are queued; interrupted: its process died while reading; partly_undone: the undo was stopped, request it again",
    ),
  mode: intakeMode,
  format: z.string(),
  file_name: z.string().nullable(),
  source: z.string().nullable(),
  mapping: z.string().nullable().describe("The mapping's name with its version, or its expression"),
  requested_by: z.string(),
  started_at: instant,
  finished_at: instant.nullable(),
  received: count,
  queued: count.describe("Events currently in the queue"),
  inserted: count,
  duplicates: count,
  rejected: count,
  dropped: count.describe("Events that an intake rule dropped"),
  removed: count.describe("Rows removed by the undo"),
  first_time: instant.nullable().describe("The time of the first event"),
  last_time: instant.nullable(),
  error: storedError.nullable(),
  undone_at: instant.nullable(),
  undone_by: z.string().nullable(),
  undo_job_id: z.guid().nullable(),
});

export type ImportRecord = z.infer<typeof importRecord>;

export const importPage = forwardPage(importRecord);
/** The REST response. */
export const importAnswer = importRecord.extend(nullableRenderedErrorFields);
export const importPageAnswer = forwardPage(importAnswer);
export type ImportPage = z.infer<typeof importPage>;

/** The params of an undo job. */
export const undoParams = z.strictObject({ import_id: importId, table: z.enum(LOG_TABLE_NAMES) });

/** The result of an undo. */
export const undoResult = z.object({
  import_id: importId,
  table: z.string(),
  inserted_count: count.describe("Rows that the import inserted"),
  removed_count: count,
  missing_count: count.describe(
    "Inserted rows that are no longer in the table as rows of this import: cleaned up, or restored from an archive",
  ),
  discarded_dead_letters: count,
});
export type UndoResult = z.infer<typeof undoResult>;
