import { errorValue } from "@/server/catalog/errors";
import { InvalidEvent } from "./invalid-event";

const MAX_DEPTH = 100;

/** Replaces characters of `text` that PostgreSQL rejects (NUL, lone surrogates) by U+FFFD. */
export function postgresText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\u0000") ? wellFormed.replaceAll("\u0000", "\uFFFD") : wellFormed;
}

// JSON.stringify escapes NUL and lone surrogates, which jsonb rejects; an escaped backslash must not be mistaken for
// the start of such an escape.
const ESCAPES = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g;

/**
 * Serializes `value` as JSON that jsonb accepts.
 * @throws InvalidEvent when it is nested deeper than 100 levels, or contains a value that JSON cannot represent
 */
export function jsonText(value: unknown, field: string): string {
  if (isDeeperThan(value, MAX_DEPTH))
    throw new InvalidEvent(errorValue("event.deeper_than", { field, max: MAX_DEPTH }));
  const text = writeJson(value, field);
  if (!text.includes("\\u")) return text;
  return text.replace(ESCAPES, (match) => (match.length > 2 ? "\\ufffd" : match));
}

function writeJson(value: unknown, field: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new InvalidEvent(errorValue("event.unwritable", { field }));
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
