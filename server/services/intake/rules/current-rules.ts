import { intakeRule } from "../contract";
import { makeCurrentSetting } from "../current-setting";
import { compileRules, type RuleSet } from "./rule-set";

/** The intake rules of a table; see CurrentSetting. */
export const { current: currentRules, expire: expireRules } = makeCurrentSetting<RuleSet>(async (ctx, table, last) => {
  const [row] = await ctx.db.sql<{ version: number; rules: unknown }[]>`
    select version, rules from intake_rules where log_table = ${table} order by version desc limit 1`;
  const version = row?.version ?? 0;
  if (version === last?.version) return last;
  return compileRules(table, version, intakeRule.array().parse(row?.rules ?? []), ctx.config.timeZone);
});
