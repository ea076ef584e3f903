import { caseVariants } from "@/server/lib/any-case";

/**
 * Grams are what a Bloom filter knows of a text, as hashes of 32 bits: every three adjacent characters, single characters
 * and pairs of Chinese, and, for longer texts, minimizers: of every four adjacent sequences of five characters the one
 * with the smallest hash. A word has the same minimizers wherever it occurs, so they distinguish numbers and IDs, which
 * share all their groups of three characters, at a fraction of the grams (Schleimer, Wilkerson, Aiken: Winnowing, 2003).
 */

/** The grams of a word that are looked up; more would exclude few more blocks. */
const MAX_GRAMS = 12;

/** The first character of the scripts without spaces between words. */
const FIRST_IDEOGRAPH = 0x2e80;
/** Letters below have cases that one table maps. */
const LAST_FOLDED = 0x5ff;
/** K, the only other character with an ASCII letter as its lower case. */
const KELVIN = 0x212a;

const folded = Uint16Array.from({ length: LAST_FOLDED + 1 }, (_, code) => {
  const characters = [...String.fromCharCode(code).toUpperCase().toLowerCase()];
  return characters.length === 1 ? (characters[0]?.charCodeAt(0) ?? code) : code;
});

/** Maps letters that differ only in case to one. Other letters with a case are not mapped, and are in no gram of a word. */
function fold(code: number): number {
  if (code <= LAST_FOLDED) return folded[code] ?? code;
  return code === KELVIN ? 0x6b : code;
}

function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x7feb352d);
  bits ^= bits >>> 15;
  bits = Math.imul(bits, 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const MULTIPLIER = 0x01000193;
const after = (hash: number, code: number) => Math.imul(hash, MULTIPLIER) + code;

/** The characters of the longest gram. */
const MAX_LENGTH = 8;

/** Passes each gram of a text to `add`, repeated ones too, with the number of characters that it depends on. */
export function eachGram(text: string, add: (gram: number, length: number) => void): void {
  let [one, two, three, four] = [0, 0, 0, 0];
  let [first, second, third] = [0, 0, 0];
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code >= 0xd800 && code < 0xdc00) code = text.codePointAt(index++) ?? code;
    code = fold(code);
    length++;
    if (code >= FIRST_IDEOGRAPH) add(mixed(after(1, code)), 1);
    if (length >= 2 && (code >= FIRST_IDEOGRAPH || four >= FIRST_IDEOGRAPH)) add(mixed(after(after(2, four), code)), 2);
    if (length >= 3) add(mixed(after(after(after(3, three), four), code)), 3);
    if (length >= 5) {
      const last = mixed(after(after(after(after(after(5, one), two), three), four), code));
      if (length >= MAX_LENGTH) add(Math.min(first, second, third, last), MAX_LENGTH);
      [first, second, third] = [second, third, last];
    }
    [one, two, three, four] = [two, three, four, code];
  }
}

/**
 * Returns grams of every text that contains `word` in any case, also as a string in JSON; empty if the word is too short,
 * or written in too many ways. The most selective ones are first.
 */
export function gramsOfWord(word: string): number[] {
  const lengths = new Map<number, number>();
  for (const run of stableRuns(word)) eachGram(run, (gram, length) => lengths.set(gram, length));
  const longestFirst = [...lengths].sort(([, one], [, other]) => other - one);
  return longestFirst.slice(0, MAX_GRAMS).map(([gram]) => gram);
}

/** The parts of a word whose letters have one folded form, and which JSON does not escape. */
function stableRuns(word: string): string[] {
  const runs: string[] = [];
  let run = "";
  for (const character of word) {
    if (isStable(character)) run += character;
    else {
      runs.push(run);
      run = "";
    }
  }
  return [...runs, run];
}

function isStable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || character === '"' || character === "\\" || (code >= 0xd800 && code < 0xe000)) return false;
  return caseVariants(character).every((variant) => fold(variant.codePointAt(0) ?? 0) === fold(code));
}
