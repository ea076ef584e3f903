import type { Pattern } from "@/server/catalog/filter";
import { caseVariants } from "@/server/lib/any-case";

/** Whether the whole text matches a pattern, in the same case. */
export function matchesPattern(text: string, pattern: Pattern): boolean {
  const [first = "", ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  return containsParts(text.slice(first.length, text.length - last.length), rest);
}

/** Returns whether texts contain the parts, in order and in any case. */
export function makeFinder(parts: Pattern): (text: string) => boolean {
  const folded = parts.map(foldCase);
  return (text) => containsParts(foldCase(text), folded);
}

function containsParts(text: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return true;
}

const ASCII = /^[\0-\x7f]*$/;
const representatives = new Map<string, string>();

/** Replaces each character by one that represents all cases of it, as filters in PostgreSQL compare them. */
function foldCase(text: string): string {
  // ASCII letters also represent K (the Kelvin sign) and ſ.
  if (ASCII.test(text)) return text.toLowerCase();
  let folded = "";
  for (const character of text) folded += representativeOf(character);
  return folded;
}

function representativeOf(character: string): string {
  const known = representatives.get(character);
  if (known !== undefined) return known;
  const variants = caseVariants(character);
  const found =
    variants.find((variant) => ASCII.test(variant) && variant === variant.toLowerCase()) ?? variants.sort()[0];
  representatives.set(character, found ?? character);
  return found ?? character;
}
