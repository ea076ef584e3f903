import { isSafeNumber, parse } from "lossless-json";

/** Where a number of 16 digits or more may stand; a double holds 15 for sure. */
const LONG_NUMBER = /(?:^|[:,[])\s*-?\d{16}/;

/**
 * JSON.parse, but a whole number that JavaScript cannot hold (a snowflake id of a Python service) comes
 * as the text of its digits instead of another number.
 * @throws SyntaxError, RangeError when nested too deep for the stack
 */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
}

function exactNumber(digits: string): number | string {
  return /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? digits : Number(digits);
}
