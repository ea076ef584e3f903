/** Whether the text contains a letter that has upper and lower case. */
export function hasCase(text: string): boolean {
  return text.toLowerCase() !== text || text.toUpperCase() !== text;
}

/** Returns a regular expression for PostgreSQL that matches `text` in any case, independently of a locale. */
export function anyCase(text: string): string {
  return [...text].map(anyCaseOf).join("");
}

/** Returns the characters that differ from a character only in case, and itself. */
export function caseVariants(character: string): string[] {
  return [...new Set([character, ...(casesOf().get(foldOf(character)) ?? [])])];
}

function anyCaseOf(character: string): string {
  const variants = caseVariants(character);
  if (variants.length > 1) return `[${variants.map(escaped).join("")}]`;
  return escaped(character);
}

function escaped(character: string): string {
  return /[\p{L}\p{N}\s]/u.test(character) || character > "\u007f" ? character : `\\${character}`;
}

function foldOf(character: string): string {
  return character.toUpperCase().toLowerCase();
}

let cases: ReadonlyMap<string, readonly string[]> | undefined;

/** The letters with a case, by their folded form: σ, ς and Σ belong to one. Computed once, in some milliseconds. */
function casesOf(): ReadonlyMap<string, readonly string[]> {
  if (cases) return cases;
  const found = new Map<string, string[]>();
  for (let code = 0x41; code <= 0x1e943; code++) {
    if (code === 0x3400) code = 0xa640; // Chinese has no case.
    if (code === 0xac00) code = 0xff21; // Nor have Korean and surrogates.
    const character = String.fromCodePoint(code);
    if (!hasCase(character)) continue;
    const fold = foldOf(character);
    const same = found.get(fold);
    if (same) same.push(character);
    else found.set(fold, [character]);
  }
  cases = found;
  return cases;
}
