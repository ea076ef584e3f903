import { RE2JS } from "re2js";
import { parseJson } from "@/server/lib/json";
import type { TimeSlice } from "@/server/lib/time-slice";
import type { RedactRule } from "../contract";
import { KNOWN_PATTERNS, type KnownPattern, REDACTED } from "./personal-patterns";

/** Removes the matches of one pattern. */
export interface Redactor {
  /** Whether a JSON text, or a text, may have a match. */
  mayMatch(text: string): boolean;
  /** Replaces matches in a text of up to `window` characters. */
  replace(text: string): string;
  /** Longer texts are replaced in parts, so that other tasks can run between them. */
  readonly window: number;
  isSecretKey(key: string): boolean;
}

/** Instructions of an expression, which bound the time per character. */
const MAX_PROGRAM = 200;
/** An expression of 200 instructions takes up to 15 µs per character. */
const EXPRESSION_WINDOW = 4_096;
/** A pattern takes up to 2 µs per character. */
const KNOWN_WINDOW = 16_384;
/** Parts of a text overlap by this many characters, the longest match that is certainly found. */
const OVERLAP = 512;

/** The redactors of a rule. */
export function redactorsOf({ kinds, patterns }: Pick<RedactRule, "kinds" | "patterns">): Redactor[] {
  return [...kinds.map((kind) => knownRedactor(KNOWN_PATTERNS[kind])), ...patterns.map(expressionRedactor)];
}

function knownRedactor({ mayMatch, pattern, replace, secretKey }: KnownPattern): Redactor {
  return {
    mayMatch: (text) => mayMatch.test(text),
    replace: (text) =>
      text.replace(pattern, (match: string, ...rest: unknown[]) => {
        const groups = rest.filter((part) => part === undefined || typeof part === "string").slice(0, -1);
        const offset = rest.find((part) => typeof part === "number");
        return replace(match, groups, typeof offset === "number" ? offset : 0, text);
      }),
    window: KNOWN_WINDOW,
    isSecretKey: (key) => secretKey?.test(key) ?? false,
  };
}

function expressionRedactor(expression: string): Redactor {
  // What was redacted before is skipped, so that redacting twice changes nothing.
  const program = RE2JS.compile(`${RE2JS.quote(REDACTED)}|(?:${expression})`);
  return {
    mayMatch: () => true,
    replace: (text) => (program.test(text) ? program.matcher(text).replaceAll(RE2JS.quoteReplacement(REDACTED)) : text),
    window: EXPRESSION_WINDOW,
    isSecretKey: () => false,
  };
}

/** Why an expression cannot be used; undefined if it can. */
export function expressionProblem(expression: string): "syntax" | "too_complex" | "matches_nothing" | undefined {
  try {
    const program = RE2JS.compile(expression);
    if (program.programSize() > MAX_PROGRAM) return "too_complex";
    return program.test("") ? "matches_nothing" : undefined;
  } catch {
    return "syntax";
  }
}

/** Replaces the matches in a text. */
export async function redactText(text: string, redactor: Redactor, slice: TimeSlice): Promise<string> {
  if (!redactor.mayMatch(text)) return text;
  if (text.length <= redactor.window) return redactor.replace(text);
  let done = "";
  let rest = text;
  while (rest.length > redactor.window) {
    const pause = slice();
    if (pause) await pause;
    const part = redactor.replace(rest.slice(0, redactor.window));
    // The end is replaced again with what follows it, as it may contain the beginning of a match.
    const tail = part.length - Math.min(OVERLAP, part.length);
    done += part.slice(0, tail);
    rest = part.slice(tail) + rest.slice(redactor.window);
  }
  return done + redactor.replace(rest);
}

/** Replaces the matches in the texts, numbers and names of a JSON value. @returns the same value if there is none */
export async function redactJson(value: unknown, redactor: Redactor, slice: TimeSlice): Promise<unknown> {
  const replaced = new Map<string, string>();
  for (const text of leafTexts(value)) {
    const pause = slice();
    if (pause) await pause;
    const other = await redactText(text, redactor, slice);
    if (other !== text) replaced.set(text, other);
  }
  return withReplaced(value, replaced, redactor);
}

function leafTexts(value: unknown, texts = new Set<string>()): Set<string> {
  if (typeof value === "string" || typeof value === "number") texts.add(String(value));
  else if (Array.isArray(value)) for (const child of value) leafTexts(child, texts);
  else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) leafTexts(child, texts.add(key));
  }
  return texts;
}

function withReplaced(value: unknown, replaced: ReadonlyMap<string, string>, redactor: Redactor): unknown {
  if (typeof value === "string" || typeof value === "number") return replaced.get(String(value)) ?? value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const children = value.map((child) => withReplaced(child, replaced, redactor));
    return children.every((child, index) => child === value[index]) ? value : children;
  }
  let isChanged = false;
  const nameOf = distinctNames(() => Object.keys(value).filter((key) => !replaced.has(key)));
  const members = Object.entries(value).map(([key, child]): [string, unknown] => {
    const name = replaced.has(key) ? nameOf(replaced.get(key) ?? "") : key;
    const isSecret = redactor.isSecretKey(key) && child !== null && child !== "" && child !== REDACTED;
    const member = isSecret ? REDACTED : withReplaced(child, replaced, redactor);
    if (name !== key || member !== child) isChanged = true;
    return [name, member];
  });
  return isChanged ? Object.fromEntries(members) : value;
}

/** Numbers names that are taken, such as those of two members whose names were redacted. */
function distinctNames(taken: () => readonly string[]): (wanted: string) => string {
  let used: Set<string> | undefined;
  const counts = new Map<string, number>();
  return (wanted) => {
    used ??= new Set(taken());
    let name = wanted;
    for (let count = counts.get(wanted) ?? 1; used.has(name); name = `${wanted} ${count}`) counts.set(wanted, ++count);
    used.add(name);
    return name;
  };
}

/** Replaces the matches in an event's original text: in the values of JSON, otherwise anywhere. */
export async function redactEventText(text: string, redactors: readonly Redactor[], slice: TimeSlice): Promise<string> {
  const parsed = jsonOf(text);
  if (parsed === undefined) {
    let redacted = text;
    for (const redactor of redactors) redacted = await redactText(redacted, redactor, slice);
    return redacted;
  }
  let value: unknown = parsed;
  for (const redactor of redactors) value = await redactJson(value, redactor, slice);
  return value === parsed ? text : JSON.stringify(value);
}

/** A JSON object or list; undefined for any other text, and for one nested too deeply. */
function jsonOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value = parseJson(text);
    JSON.stringify(value);
    return value;
  } catch {
    return undefined;
  }
}
