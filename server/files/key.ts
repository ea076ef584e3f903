/**
 * Returns whether a text is the key of a file: a relative path that leads to one file in any store, and to none outside
 * of it. Keys in a backup, and in its records, are not trusted.
 */
export function isKey(text: string): boolean {
  return !text.includes("\0") && text.split("/").every((segment) => !["", ".", ".."].includes(segment));
}

/** @throws if the text is not a key */
export function requireKey(text: string): string {
  if (!isKey(text)) throw new Error(`Not a key: ${JSON.stringify(text)}`);
  return text;
}
