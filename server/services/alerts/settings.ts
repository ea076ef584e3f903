import { MAX_THRESHOLD } from "@/server/catalog/max-threshold";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { RULE_NAMES, type RuleChange, type RuleName, type RuleSetting } from "./contract";
import { ruleOf } from "./rules";

/** Lists all rules with the changes by administrators applied. */
export async function ruleSettings(ctx: Context): Promise<RuleSetting[]> {
  const rows = await ctx.db.read.$client<
    { rule: string; enabled: boolean; threshold: number | null; changed_at: string; changed_by: string | null }[]
  >`select rule, enabled, threshold, changed_at, changed_by from alert_rules`;
  return RULE_NAMES.map((rule) => {
    const changed = rows.find((row) => row.rule === rule);
    const { severity, unit, pending, clear, threshold } = ruleOf(rule);
    return {
      rule,
      severity,
      unit,
      enabled: changed?.enabled ?? true,
      threshold: changed?.threshold ?? threshold(ctx),
      default_threshold: threshold(ctx),
      pending_seconds: pending,
      clear_seconds: clear,
      changed_at: changed ? toIsoMicroseconds(changed.changed_at) : null,
      changed_by: changed?.changed_by ?? null,
    };
  });
}

/**
 * Enables or disables a rule, or changes its threshold; null resets it to the configured one.
 * @throws AppError UNPROCESSABLE for a threshold that is invalid for the rule
 */
export async function changeRule(
  ctx: Context,
  rule: RuleName,
  change: RuleChange,
  principal: Principal,
): Promise<void> {
  const { unit } = ruleOf(rule);
  const { enabled, threshold } = change;
  if (threshold !== undefined && threshold !== null) {
    const max = MAX_THRESHOLD[unit];
    if (unit === "flag") throw invalidInput([fieldError("threshold", "input.no_threshold", {})]);
    if (threshold < 0 || threshold > max)
      throw invalidInput([fieldError("threshold", "input.between", { min: 0, max })]);
  }
  await ctx.db.sql.begin(async (tx) => {
    await tx`
      insert into alert_rules as known (rule, enabled, threshold, changed_by)
      values (${rule}, ${enabled ?? true}, ${threshold ?? null}, ${principal.name})
      on conflict (rule) do update set
        enabled = ${enabled === undefined ? tx`known.enabled` : tx`${enabled}`},
        threshold = ${threshold === undefined ? tx`known.threshold` : tx`${threshold}::float8`},
        changed_at = now(),
        changed_by = ${principal.name}`;
    await recordAudit(ctx, principal, "alert-rule.change", { rule, ...change }, tx);
  });
}
