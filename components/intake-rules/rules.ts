import type { RouterInputs, RouterOutputs } from "@/components/trpc";

export type RuleSet = RouterOutputs["intakeRules"]["list"]["items"][number];
export type Rule = RuleSet["rules"][number];
export type RuleTestInput = RouterInputs["intakeRules"]["test"];
export type RuleTestResult = RouterOutputs["intakeRules"]["test"];

export const KINDS = ["identity_card", "mobile_phone", "token", "email", "bank_card"] as const;
export const ACTIONS = ["drop", "sample", "redact"] as const;
export type Action = (typeof ACTIONS)[number];

/** A new id. `crypto.randomUUID` does not exist on pages that are served without TLS. */
export function newRuleId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant.toString(16)}${hex.slice(18, 20)}-${hex.slice(20)}`;
}

/** Returns the list with the rule at `from` at another position. */
export function moved(rules: readonly Rule[], from: number, to: number): Rule[] {
  const rest = rules.toSpliced(from, 1);
  const rule = rules[from];
  return rule ? rest.toSpliced(to, 0, rule) : rest;
}
