/** Numbers that PostgreSQL and JSON write alike. */
const NUMBER = /^-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?$/;

export function isJsonNumber(text: string): boolean {
  return NUMBER.test(text);
}
