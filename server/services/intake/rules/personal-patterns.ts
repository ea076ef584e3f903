import type { RedactionKind } from "../contract";

/** Replaces what is redacted. */
export const REDACTED = "[redacted]";

/** A kind of personal data or credentials, and how it is found in any text in time linear in its length. */
export interface KnownPattern {
  /** A quick test that every text with a match passes. */
  readonly mayMatch: RegExp;
  /** Matches are replaced by the function's result. */
  readonly pattern: RegExp;
  readonly replace: (match: string, groups: readonly (string | undefined)[], offset: number, text: string) => string;
  /** Names of JSON members whose values are replaced as a whole. */
  readonly secretKey?: RegExp;
}

/** Not within a longer number, but after an encoded character such as %20. */
const START = "(?:(?<![\\d.])|(?<=%[\\dA-Fa-f]{2})|(?<=[^\\d]\\.))";
const END = "(?!\\d)";
/** What separates groups of digits, also in a URL. */
const GAP = "(?:[ \\-+]|%20)?";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** GB 11643: ISO 7064 MOD 11-2. */
function isIdentityCard(number: string): boolean {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(number.charAt(index)), 0);
  return "10X98765432".charAt(sum % 11) === number.charAt(17).toUpperCase();
}

/** ISO/IEC 7812-1, the Luhn algorithm. */
function isBankCard(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const doubled = index % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Whether a match is part of a UUID or a hexadecimal hash, whose digits are no number. */
function isInHash(match: string, offset: number, text: string): boolean {
  let from = offset;
  let to = offset + match.length;
  while (from > 0 && offset - from < 64 && /[\dA-Fa-f-]/.test(text.charAt(from - 1))) from--;
  while (to < text.length && to - offset < 128 && /[\dA-Fa-f-]/.test(text.charAt(to))) to++;
  const token = text.slice(from, to);
  if (/[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}/.test(token)) return true;
  return token.length >= 24 && /[A-Fa-f]/.test(token) && !token.includes("-");
}

const secretName =
  "(?:access|refresh|id|auth|csrf|xsrf|session|bearer|jwt)?[_-]?token|api[_-]?key|app[_-]?key|access[_-]?key(?:[_-]?id)?|secret(?:[_-]?(?:access)?[_-]?key)?|(?:client|app)[_-]?secret|private[_-]?key|pass(?:word|wd|phrase)|pwd|authorization|credentials?|signature|jwt";

export const KNOWN_PATTERNS = {
  identity_card: {
    mayMatch: /\d{17}[\dXx]/,
    pattern: new RegExp(
      `${START}[1-9]\\d{5}(?:18|19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{3}[\\dXx](?![\\dA-Za-z])`,
      "g",
    ),
    replace: (match) => (isIdentityCard(match) ? REDACTED : match),
  },
  mobile_phone: {
    mayMatch: /1[3-9](?:\D{0,3}\d){9}/,
    pattern: new RegExp(
      `(?:(?:\\+|%2[Bb]|${START}00|${START})86${GAP}|${START})1[3-9]\\d${GAP}\\d{4}${GAP}\\d{4}${END}`,
      "g",
    ),
    replace: (match, _groups, offset, text) => (isInHash(match, offset, text) ? match : REDACTED),
  },
  token: {
    mayMatch: /bearer|basic|token|key|secret|pass|pwd|auth|cred|signature|jwt|eyJ|sk-|gh[a-z]_|xox|AKIA/i,
    pattern: new RegExp(
      [
        // Bearer and Basic of the header Authorization.
        "(?<![A-Za-z])(bearer|basic)((?:\\s|%20|\\+)+)[\\w.~+/=%-]{8,}",
        // name=value, name: scheme value and "name":"value", with quotes that may be escaped.
        `((?:${secretName})(?:\\\\?["'])?(?:=|%3D|\\s*:)\\s*(?:\\\\?["'])?(?:(?:bearer|basic|digest|token)(?:\\s|%20|\\+)+)?)[^\\s&"'\\\\;,<>{}[\\]]+`,
        // JSON Web Tokens, and keys of OpenAI, GitHub, Slack and AWS.
        "(?<![\\w-])(?:eyJ[\\w-]{8,}\\.[\\w-]{8,}(?:\\.[\\w-]*)?|sk-[\\w-]{20,}|gh[pousr]_\\w{20,}|xox[abprs]-[\\w-]{10,}|AKIA[\\dA-Z]{16}(?![\\dA-Za-z]))",
      ].join("|"),
      "gi",
    ),
    replace: (_match, [scheme, gap, name]) =>
      scheme !== undefined ? `${scheme}${gap ?? " "}${REDACTED}` : `${name ?? ""}${REDACTED}`,
    secretKey: new RegExp(`^[\\w-]*(?:${secretName})$`, "i"),
  },
  email: {
    mayMatch: /@|%40/,
    pattern: /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}-]{1,62}/gu,
    // An encoded delimiter before the address is not part of it.
    replace: (match) => `${/^(?:.*%(?:3[AaDdFf]|2[0-9A-Fa-f]))?(?=[^%]*(?:@|%40))/.exec(match)?.[0] ?? ""}${REDACTED}`,
  },
  bank_card: {
    mayMatch: /[2-69](?:\D{0,3}\d){14}/,
    pattern: new RegExp(`${START}[2-69]\\d{3}${GAP}(?:\\d{4}${GAP}){2}\\d{3,7}${END}`, "g"),
    replace: (match, _groups, offset, text) => {
      const digits = match.replace(/%20|\D/g, "");
      return isBankCard(digits) && !isInHash(match, offset, text) ? REDACTED : match;
    },
  },
} as const satisfies Record<RedactionKind, KnownPattern>;
