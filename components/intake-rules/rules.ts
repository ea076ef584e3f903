import type { RouterInputs, RouterOutputs } from "@/components/trpc";

export type RuleSet = RouterOutputs["intakeRules"]["list"]["items"][number];
export type Rule = RuleSet["rules"][number];
export type RuleTestInput = RouterInputs["intakeRules"]["test"];
export type RuleTestResult = RouterOutputs["intakeRules"]["test"];

export const KINDS = ["identity_card", "mobile_phone", "token", "email", "bank_card"] as const;
export const ACTIONS = ["drop", "sample", "redact"] as const;
export type Action = (typeof ACTIONS)[number];

/** Returns the list with the rule at `from` at another position. */
export function moved(rules: readonly Rule[], from: number, to: number): Rule[] {
  const rest = rules.toSpliced(from, 1);
  const rule = rules[from];
  return rule ? rest.toSpliced(to, 0, rule) : rest;
}
