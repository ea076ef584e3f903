import { PERSONAL_COLUMNS, type PersonalColumn } from "@/server/catalog";
import { HIDDEN, maskAddress, maskAddresses } from "./mask-text";

/** Nesting levels that are parsed; deeper values are masked as a whole. */
const MAX_DEPTH = 64;

/**
 * Fields with unparsed text before and after a log line. It can contain anything, such as fields of a custom nginx
 * format.
 */
const UNPARSED_FIELDS = new Set(["trailing", "prefix"]);

/** Words and spellings that identify a personal column. Spellings are lower case, letters only. */
const NAMES: Readonly<Record<PersonalColumn, { readonly word: RegExp; readonly spelling: RegExp }>> = {
  ip_address: {
    word: /^(?:ip(?:v?[46])?s?|xff|forwarded)$/,
    spelling:
      /^ip$|ipaddr|(?:client|source|src|remote|real|user|connecting|peer|host|origin|external|public)(?:ip|addr(?:ess)?)$|forwardedfor$|^xforwarded$/,
  },
  user_agent: { word: /^ua$/, spelling: /useragent$/ },
  session_id: {
    word: /^(?:sid|session|cookies?)$/,
    spelling: /sess(?:ion)?id$|cookie$|^authorization$|(?:access|auth|session|csrf|xsrf)token$/,
  },
};

/** A masked value of a row that is also replaced elsewhere in the row, and its replacement. */
export type Repeated = ReadonlyMap<string, string>;

/** Replaces repeated values in a text. */
export function maskRepeated(text: string, repeated: Repeated): string {
  let masked = text;
  for (const [value, shown] of repeated) masked = masked.replaceAll(value, shown);
  return masked;
}

/** Masks a value of a personal column, or of a JSON member with such a name. */
export function maskValue(column: string, value: unknown): unknown {
  if (value === null || value === undefined || value === "") return value;
  return column === "ip_address" && typeof value === "string" ? maskAddress(value) : HIDDEN;
}

/** Masks JSON members with a personal name, in any spelling, and addresses in any text. */
export function maskJson(value: unknown, columns: ReadonlySet<string>, repeated: Repeated, depth = 0): unknown {
  const maskText = (text: string) => {
    const masked = maskRepeated(text, repeated);
    return columns.has("ip_address") ? maskAddresses(masked) : masked;
  };
  if (typeof value === "string") return maskText(value);
  if (typeof value === "number") return repeated.has(String(value)) ? HIDDEN : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => maskJson(item, columns, repeated, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (UNPARSED_FIELDS.has(key)) return [key, HIDDEN];
      const column = namedColumn(key, columns);
      return [maskText(key), column ? maskValue(column, inner) : maskJson(inner, columns, repeated, depth + 1)];
    }),
  );
}

function namedColumn(key: string, columns: ReadonlySet<string>): PersonalColumn | undefined {
  const words = key
    .replace(/([a-z\d])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$2 ")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  const letters = words.join("").replace(/\d/g, "");
  return PERSONAL_COLUMNS.find(
    (name) =>
      columns.has(name) && (NAMES[name].spelling.test(letters) || words.some((word) => NAMES[name].word.test(word))),
  );
}
