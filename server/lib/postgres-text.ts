/** Replaces characters of `text` that PostgreSQL rejects (NUL, lone surrogates) by U+FFFD. */
export function postgresText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes("\u0000") ? wellFormed.replaceAll("\u0000", "\uFFFD") : wellFormed;
}

// JSON.stringify escapes NUL and lone surrogates, which jsonb rejects; an escaped backslash must not be mistaken for
// the start of such an escape.
const ESCAPES = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g;

/** Replaces these characters in JSON that JSON.stringify returned. */
export function postgresJson(json: string): string {
  if (!json.includes("\\u")) return json;
  return json.replace(ESCAPES, (match) => (match.length > 2 ? "\\ufffd" : match));
}
