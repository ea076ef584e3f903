import { z } from "zod";
import { LOG_TABLE_NAMES, mapLogTables } from "@/server/catalog";
import { count, instant, wholeNumber } from "@/server/lib/contract";

/** What has a retention: the rows of each log table, export files and archives. */
export const POLICY_IDS = [...LOG_TABLE_NAMES, "exports", "archives"] as const;
export type PolicyId = (typeof POLICY_IDS)[number];

/** Ten years; for archives a hundred. */
export const MAX_DAYS: Readonly<Record<PolicyId, number>> = {
  ...mapLogTables(() => 3650),
  exports: 3650,
  archives: 36_500,
};

const id = z.enum(POLICY_IDS);
export const policyKey = z.strictObject({ id });
const days = wholeNumber(0, 36_500).describe("At most 3650; for archives 36500, and 0 for unlimited");

export const policyInput = z.strictObject({ days });
export const policyChange = policyInput.extend({ id });

export const retentionPolicy = z.object({
  id,
  days: count.describe("For archives, 0: unlimited"),
  source: z.enum(["environment", "settings"]).describe("Whether an administrator changed it"),
  variable: z.string().describe("The environment variable that applies until an administrator changes it"),
  max_days: count,
  default_days: count.describe("The value of the environment variable, or its default"),
  changed_at: instant.nullable(),
  changed_by: z.string().nullable(),
});
export type RetentionPolicy = z.infer<typeof retentionPolicy>;

export const retentionPolicies = z.object({ policies: z.array(retentionPolicy) });
