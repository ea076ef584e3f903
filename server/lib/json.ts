import { isSafeNumber, parse } from "lossless-json";

/**
 * Parses JSON like JSON.parse, but returns integers beyond JavaScript's safe range (such as snowflake IDs) as text.
 * @throws SyntaxError, RangeError if nested too deeply for the stack
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!containsUnsafeNumber(value, MAX_DEPTH)) return value;
  return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
}

/** Levels that are searched. Deeper values are rejected when stored, and could overflow the stack. */
const MAX_DEPTH = 200;

function containsUnsafeNumber(value: unknown, levels: number): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null || levels === 0) return false;
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof child !== "string" && containsUnsafeNumber(child, levels - 1)) return true;
  }
  return false;
}

function exactNumber(digits: string): number | string {
  return /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? digits : Number(digits);
}
