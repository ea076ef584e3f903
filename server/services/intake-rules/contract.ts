import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { instant } from "@/server/lib/contract";
import { inputIssue } from "@/server/lib/parse";
import { intakeRule } from "@/server/services/intake/contract";

export type { IntakeRule } from "@/server/services/intake/contract";

const table = z.enum(LOG_TABLE_NAMES);
const version = z.int().min(0);
/** More rules would take longer than storing the row. */
const MAX_RULES = 50;

const rules = z.array(intakeRule).max(MAX_RULES).describe("In the order in which they are applied");

export const ruleSetKey = z.strictObject({ table });
export const ruleSetChange = z.strictObject({
  version: version.describe("The version that is replaced, as returned by GET"),
  rules: rules.refine(
    (list) => new Set(list.map(({ id }) => id)).size === list.length,
    inputIssue("input.repeated", {}),
  ),
});
export const ruleSetSave = ruleSetChange.extend({ table });
export type RuleSetSave = z.infer<typeof ruleSetSave>;

/** The rules of a log table. */
export const ruleSet = z.object({
  table,
  version: version.describe("0 before the first change"),
  rules,
  changed_at: instant.nullable(),
  changed_by: z.string().nullable(),
});
export type RuleSetAnswer = z.infer<typeof ruleSet>;
export const ruleSets = z.object({ items: z.array(ruleSet) });

export const ruleTest = z.strictObject({ table, rule: intakeRule });
export type RuleTest = z.infer<typeof ruleTest>;

const cell = z.string().nullable();

/** The effect of a rule on stored rows. */
export const ruleTestAnswer = z.object({
  tested: z.int().describe("The number of rows of the last hour, newest first, up to 100,000"),
  is_complete: z.boolean().describe("Whether these are all rows of the last hour"),
  matched: z.int().describe("Rows that fulfil the condition"),
  affected: z.int().describe("Rows that would be dropped, or changed by redaction"),
  from: instant.nullable().describe("The time of the oldest tested row"),
  examples: z
    .array(
      z.object({
        id: z.guid(),
        created_at: instant,
        values: z.record(z.string(), cell).describe("The columns shown by default"),
        changes: z.array(z.object({ column: z.string(), before: z.string(), after: z.string() })),
      }),
    )
    .describe("The newest affected rows"),
});
export type RuleTestAnswer = z.infer<typeof ruleTestAnswer>;
