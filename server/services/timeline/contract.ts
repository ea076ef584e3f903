import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { isIP } from "@/server/catalog/formats/ip";
import { SUBJECTS, type Subject } from "@/server/catalog/timeline-subjects";
import { instant, pageSize, twoWayPage } from "@/server/lib/contract";
import { inputIssue } from "@/server/lib/parse";

const selection = {
  user_id: z.string().min(1).max(1_000).optional(),
  session_id: z.string().min(1).max(1_000).optional(),
  ip_address: z
    .string()
    .refine((text) => isIP(text) !== 0, inputIssue("input.address", {}))
    .optional(),
  filter: z
    .string()
    .optional()
    .describe("A filter expression of words and of fields that both tables have (docs/filters.md)"),
  start_date: z.string().optional().describe("Inclusive start"),
  end_date: z.string().optional().describe("Inclusive end, to its own precision"),
  include_archived: z.boolean().optional().describe("Whether archived rows are included. They have `archived: true`"),
};

/** Without a subject, a timeline would be a list of everything. */
const hasSubject = (given: Partial<Record<Subject, string>>) => SUBJECTS.some((name) => given[name] !== undefined);
const noSubject = { ...inputIssue("input.one_required", { allowed: SUBJECTS.join(", ") }), path: ["user_id"] };

export const timelineSelection = z.strictObject(selection).refine(hasSubject, noSubject);
/** Rows match all subjects that are given. */
export type TimelineSelection = z.infer<typeof timelineSelection>;

export const timelineQuery = z
  .strictObject({ ...selection, cursor: z.string().optional(), page_size: pageSize })
  .refine(hasSubject, noSubject);
export type TimelineQuery = TimelineSelection & { readonly cursor?: string; readonly page_size?: number };

const TIMELINE_FORMATS = ["csv", "ndjson"] as const;

export const timelineExport = z
  .strictObject({
    ...selection,
    format: z.enum(TIMELINE_FORMATS).default("csv"),
    bom: z.boolean().default(false).describe("Whether a CSV file starts with a byte order mark"),
  })
  .refine(hasSubject, noSubject);
export type TimelineExport = z.infer<typeof timelineExport>;

const table = z.enum(LOG_TABLE_NAMES);

const event = z.looseObject({
  table,
  id: z.guid(),
  created_at: instant,
  archived: z.literal(true).optional(),
});
export type TimelineEvent = z.infer<typeof event>;

/** Rows of both tables with all of their columns, newest first. Rows of one time are ordered by table, then by id. */
export const timelinePage = twoWayPage(event).extend({ has_next: z.boolean(), has_prev: z.boolean() });
export type TimelinePage = z.infer<typeof timelinePage>;

const summary = z.object({
  tables: z.array(z.object({ table, count: z.int(), is_exact: z.boolean() })),
  first: instant.nullable(),
  last: instant.nullable(),
});
export type TimelineSummary = z.infer<typeof summary>;
