import { isSafeNumber, parse } from "lossless-json";

/**
 * JSON.parse, but a whole number that JavaScript cannot hold (a snowflake id of a Python service) comes
 * as the text of its digits instead of another number.
 * @throws SyntaxError, RangeError when nested too deep for the stack
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!holdsUnsafeNumber(value, LOOKED_AT)) return value;
  return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
}

/** Levels; who stores JSON refuses what is deeper, and the stack would not bear thousands. */
const LOOKED_AT = 200;

function holdsUnsafeNumber(value: unknown, levels: number): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null || levels === 0) return false;
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof child !== "string" && holdsUnsafeNumber(child, levels - 1)) return true;
  }
  return false;
}

function exactNumber(digits: string): number | string {
  return /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? digits : Number(digits);
}
