import { decimalText } from "./decimal";

/** The member at a path, as PostgreSQL's operator #> finds it; undefined if there is none. */
export function memberOf(value: unknown, path: readonly string[]): unknown {
  let member = value;
  for (const key of path) {
    if (Array.isArray(member)) {
      const index = /^\s*[+-]?\d{1,9}$/.test(key) ? Number(key) : Number.NaN;
      member = member[index < 0 ? member.length + index : index];
    } else if (typeof member === "object" && member !== null && Object.hasOwn(member, key)) {
      member = Object.entries(member).find(([name]) => name === key)?.[1];
    } else return undefined;
  }
  return member;
}

/** The text of a JSON value, as PostgreSQL's operator #>> returns it; undefined for null. */
export function memberText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "string" ? value : jsonbText(value);
}

/** The texts of all members that are neither objects nor arrays. */
export function* scalarTexts(value: unknown): Generator<string> {
  if (typeof value === "object" && value !== null) {
    for (const child of Object.values(value)) yield* scalarTexts(child);
  } else {
    const text = memberText(value);
    if (text !== undefined) yield text;
  }
}

/** The text of a jsonb value: keys by length, then by bytes; a space after colons and commas. */
function jsonbText(value: unknown): string {
  if (typeof value === "number") return decimalText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  const members = Object.entries(value).map(([key, member]) => ({ key, bytes: Buffer.from(key), member }));
  members.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes));
  return `{${members.map(({ key, member }) => `${JSON.stringify(key)}: ${jsonbText(member)}`).join(", ")}}`;
}
