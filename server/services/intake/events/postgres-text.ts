import { InvalidEvent } from "./invalid-event";

const DEEPEST = 100;

/** `text` with what PostgreSQL refuses (NUL, lone surrogates) replaced by U+FFFD. */
export function postgresText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\u0000") ? wellFormed.replaceAll("\u0000", "\uFFFD") : wellFormed;
}

// JSON.stringify writes NUL and lone surrogates as escapes, which jsonb refuses; an escaped backslash
// must not be taken for the start of one.
const ESCAPES = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g;

/**
 * `value` as JSON text that jsonb takes.
 * @throws InvalidEvent when it is nested deeper than 100 levels, or holds what JSON has no word for
 */
export function jsonText(value: unknown, field: string): string {
  if (isDeeperThan(value, DEEPEST)) throw new InvalidEvent(field, "deeper_than", { max: DEEPEST });
  const text = writeJson(value, field);
  if (!text.includes("\\u")) return text;
  return text.replace(ESCAPES, (match) => (match.length > 2 ? "\\ufffd" : match));
}

function writeJson(value: unknown, field: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new InvalidEvent(field, "unwritable");
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof child === "object" && child !== null && isDeeperThan(child, levels - 1)) return true;
  }
  return false;
}
