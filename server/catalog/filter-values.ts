import { type ErrorValue, errorValue } from "./errors/value";
import { isIP } from "./formats/ip";
import type { Column } from "./types";

/** The maximum length of a filter's value, in characters. */
const MAX_FILTER_VALUE_LENGTH = 2_000;

/** The reasons for rejecting a filter's value. */
export type FilterValueProblem = "too_long" | "nul" | "address" | "block" | "status" | "number";

const STATUS = /^(?:\d{1,3}|\dxx)$/i;
const WHOLE_NUMBER = /^\d{1,10}$/;

/**
 * Validates `value` as a filter of `column`. @returns undefined if it is valid
 * @param value as in the request: `4xx,500`, `10.0.0.0/8`, `/api/*`
 */
export function filterValueProblem(column: Column, value: string): FilterValueProblem | undefined {
  if (value.length > MAX_FILTER_VALUE_LENGTH) return "too_long";
  if (value.includes("\0")) return "nul";
  switch (column.filter) {
    case "network":
      return networkProblem(value);
    case "status":
      return value.split(",").every((part) => STATUS.test(part.trim())) ? undefined : "status";
    case "range": {
      const { min, max } = filterBounds(column);
      return WHOLE_NUMBER.test(value) && Number(value) >= min && Number(value) <= max ? undefined : "number";
    }
    default:
      return undefined;
  }
}

/** Returns the inclusive integer bounds of a range filter of `column`. */
function filterBounds({ min = 0, max = 2_147_483_647 }: Column): { min: number; max: number } {
  return { min, max };
}

/** Converts the problem of a value of `column` to an error. */
export function filterValueError(problem: FilterValueProblem, column: Column): ErrorValue {
  switch (problem) {
    case "too_long":
      return errorValue("input.too_long", { max: MAX_FILTER_VALUE_LENGTH });
    case "number":
      return errorValue("input.number", filterBounds(column));
    default:
      return errorValue(`input.${problem}`, {});
  }
}

function networkProblem(value: string): FilterValueProblem | undefined {
  const [address = "", bits, ...rest] = value.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return "address";
  if (bits === undefined) return undefined;
  return /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128) ? undefined : "block";
}

/**
 * Parses a value with an optional final `*` (`/api/*`) into its text and whether it is a prefix. Before a `*`, `\*` is
 * a literal star and `\\` a backslash; elsewhere backslashes are ordinary characters.
 */
export function readPattern(value: string): { readonly text: string; readonly isPrefix: boolean } {
  let isPrefix = false;
  const text = value.replace(/(\\*)\*/g, (run: string, slashes: string, offset: number) => {
    const backslashes = "\\".repeat(Math.floor(slashes.length / 2));
    const isFinal = offset + run.length === value.length;
    if (!isFinal || slashes.length % 2 === 1) return `${backslashes}*`;
    isPrefix = true;
    return backslashes;
  });
  return { text, isPrefix };
}

/** Returns the value that readPattern parses to these arguments. */
export function writePattern(text: string, isPrefix: boolean): string {
  const escaped = text.replace(/(\\*)\*/g, (_, slashes: string) => `${slashes}${slashes}\\*`);
  return isPrefix ? `${escaped.replace(/\\+$/, "$&$&")}*` : escaped;
}
