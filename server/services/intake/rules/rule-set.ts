import { hash } from "node:crypto";
import { type LogTable, type LogTableName, logTables } from "@/server/catalog";
import { parseJson } from "@/server/lib/json";
import type { TimeSlice } from "@/server/lib/time-slice";
import type { IntakeRule, RedactRule } from "../contract";
import { jsonText } from "../events/json-text";
import { ID, type Row } from "../row";
import { REDACTED } from "./personal-patterns";
import { compilePredicate, type Predicate } from "./predicate";
import { type Redactor, redactEventText, redactJson, redactorsOf, redactText } from "./redactor";

/** The enabled rules of a table, compiled. */
export interface RuleSet {
  readonly version: number;
  readonly rules: readonly CompiledRule[];
  /** Those of all redacting rules, for events that are no rows. */
  readonly redactors: readonly Redactor[];
}

export interface CompiledRule {
  readonly id: string;
  readonly name: string;
  matches(row: Row): boolean;
  /** Whether a matching row is dropped. */
  drops(row: Row): boolean;
  /** Changes a matching row. @returns whether it did */
  redact?(row: Row, slice: TimeSlice): Promise<boolean>;
}

/** The rules of a table without any. */
export const NO_RULES: RuleSet = { version: 0, rules: [], redactors: [] };

/** Compiles valid rules. @param timeZone of times without an offset in their conditions */
export function compileRules(
  table: LogTableName,
  version: number,
  rules: readonly IntakeRule[],
  timeZone: string,
): RuleSet {
  const enabled = rules.filter((rule) => rule.enabled);
  return {
    version,
    rules: enabled.map((rule) => compileRule(logTables[table], rule, timeZone)),
    redactors: enabled.flatMap((rule) => (rule.action === "redact" ? redactorsOf(rule) : [])),
  };
}

/** Compiles one valid rule, also if it is disabled. */
export function compileRule(table: LogTable, rule: IntakeRule, timeZone: string): CompiledRule {
  const { id, name, filter } = rule;
  const matches: Predicate = filter === null ? () => true : compilePredicate(table, filter, timeZone);
  switch (rule.action) {
    case "drop":
      return { id, name, matches, drops: () => true };
    case "sample":
      return { id, name, matches, drops: (row) => !isSampled(id, row[ID] ?? "", rule.share) };
    case "redact":
      return { id, name, matches, drops: () => false, redact: rowRedactor(table, rule) };
  }
}

/** Passes a row through the rules, which may change it. @returns the rule that drops it */
export async function applyRules(row: Row, rules: RuleSet, slice: TimeSlice): Promise<CompiledRule | undefined> {
  for (const rule of rules.rules) {
    if (!rule.matches(row)) continue;
    if (rule.drops(row)) return rule;
    if (rule.redact) await rule.redact(row, slice);
  }
  return undefined;
}

/** Redacts the original text of an event that is not a row, whose fields are unknown: by every rule, everywhere. */
export function redactOriginal(text: string, { redactors }: RuleSet, slice: TimeSlice): Promise<string> {
  return redactors.length === 0 ? Promise.resolve(text) : redactEventText(text, redactors, slice);
}

/**
 * Whether the event is in the sample. The same event always is, or never; other rules of the same share choose other
 * events.
 */
function isSampled(ruleId: string, eventId: string, share: number): boolean {
  return Number.parseInt(hash("sha256", `${ruleId}${eventId}`).slice(0, 13), 16) / 2 ** 52 < share / 100;
}

function rowRedactor(table: LogTable, rule: RedactRule): NonNullable<CompiledRule["redact"]> {
  const redactors = redactorsOf(rule);
  const columns = table.columns.flatMap((column, index) =>
    rule.columns.includes(column.name) ? [{ column, index }] : [],
  );
  return async (row, slice) => {
    let isChanged = false;
    for (const redactor of redactors) {
      for (const { column, index } of columns) {
        const value = row[index];
        if (typeof value !== "string" || !redactor.mayMatch(value)) continue;
        const pause = slice();
        if (pause) await pause;
        const redacted =
          column.type === "jsonb"
            ? await redactDocument(value, column.name, redactor, slice)
            : within(await redactText(value, redactor, slice), column.maxLength);
        if (redacted === value) continue;
        row[index] = redacted;
        isChanged = true;
      }
    }
    return isChanged;
  };
}

async function redactDocument(text: string, name: string, redactor: Redactor, slice: TimeSlice): Promise<string> {
  const value = parseJson(text);
  const redacted = await redactJson(value, redactor, slice);
  return redacted === value ? text : jsonText(redacted, name);
}

/** The replacement may be longer than what it replaces. */
function within(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  return text.length > maxLength && [...text].length > maxLength ? REDACTED.slice(0, maxLength) : text;
}
