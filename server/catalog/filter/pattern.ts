/**
 * A text in which any characters may occur between the parts: `["a"]` is exactly a, `["a", ""]` starts with a, and
 * `["", "a", ""]` contains a.
 */
export type Pattern = readonly string[];

/** Returns the text that the parser reads as a value or word with these parts. */
export function writePatternText(pattern: Pattern): string {
  const text = pattern.map((part) => part.replace(/[\\*]/g, "\\$&")).join("*");
  const isPlain = /^[^\s"(),]+$/u.test(text) && text !== "null" && !(pattern.length === 1 && text === "*");
  // An empty first or last part is only a star; a whole empty text needs its quotes.
  return isPlain ? text : pattern.map((part) => (part === "" && pattern.length > 1 ? "" : quoted(part))).join("*");
}

/** Returns a text in quotes, in which only quotes and backslashes have a meaning. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
