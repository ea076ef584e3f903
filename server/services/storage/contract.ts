import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { count, instant } from "@/server/lib/contract";

/**
 * Where data is. `shared`: one disk for PostgreSQL and DATA_DIR; `objects`: the object store of FILES_URL; `elsewhere`:
 * disks of other machines, and stores that are not configured any more.
 */
const PLACES = ["shared", "database", "data", "objects", "elsewhere"] as const;
const place = z.enum(PLACES);
export type Place = z.infer<typeof place>;

/** What uses the space. `database`: other tables and the queue in PostgreSQL; `other`: other files of the disk. */
const PARTS = ["tables", "indexes", "database", "archives", "segments", "exports", "other"] as const;

const bytes = count;

const growth = z.object({
  bytes_per_day: z
    .int()
    .nullable()
    .describe("The median day, without imports of old data; null without three whole days of measurements"),
  cleanup_bytes_per_day: bytes.describe("What scheduled cleanups returned to the operating system, as an average"),
  days_measured: count,
  imported_bytes: bytes.describe("Imports of old data in these days, which are not part of the growth"),
  full_at: instant
    .nullable()
    .describe("When the disk is full at this growth; null if unknown, not growing, or in more than ten years"),
});
export type Growth = z.infer<typeof growth>;

const storagePlace = z.object({
  place,
  total_bytes: bytes.nullable().describe("Null where the size cannot be measured, such as that of a remote PostgreSQL"),
  free_bytes: bytes.nullable(),
  parts: z.array(z.object({ part: z.enum(PARTS), bytes })),
  growth: growth.nullable().describe("Null where it is not measured"),
});
export type StoragePlace = z.infer<typeof storagePlace>;

export const storage = z.object({ places: z.array(storagePlace) });
export type Storage = z.infer<typeof storage>;

export const proposalQuery = z.strictObject({
  place: z.enum(["shared", "database", "data", "objects"]),
  bytes: z.int().min(1).max(Number.MAX_SAFE_INTEGER).describe("The space to free"),
});
export type ProposalQuery = z.infer<typeof proposalQuery>;

const step = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("exports"),
    ids: z.array(z.guid()),
    returned_bytes: bytes,
    oldest: instant,
    newest: instant,
  }),
  z.object({
    kind: z.literal("cleanup"),
    table: z.enum(LOG_TABLE_NAMES),
    days_to_keep: count.describe("For the cleanup that archives and drops these months"),
    cutoff: instant.describe("The cleanup deletes all rows that are older, also those of the month after"),
    months: z.array(z.string()).describe("In UTC: months whose partition is dropped"),
    rows: count.describe("An estimate"),
    dropped_bytes: bytes.describe("The size of their partitions, which PostgreSQL returns to the operating system"),
    archive_bytes: bytes.describe("The estimated size of their archives"),
    returned_bytes: bytes.describe("What becomes free here: without the archives, if they are on the same disk"),
  }),
  z.object({
    kind: z.literal("archives"),
    ids: z.array(z.guid()),
    months: z.array(z.string()).describe("In UTC"),
    rows: count.describe("Rows that are lost, unless they are in the table too"),
    returned_bytes: bytes,
  }),
]);
export type Step = z.infer<typeof step>;

export const proposal = z.object({
  steps: z.array(step).describe("In this order: what can be made again, what remains searchable, and what is lost"),
  returned_bytes: bytes,
  is_enough: z.boolean(),
});
export type Proposal = z.infer<typeof proposal>;
