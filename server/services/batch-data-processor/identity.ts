import { hash } from "node:crypto";
import { CountTable } from "./count-table";

/** How far back an equal line is recognised at the least; bounds the memory of a file of any length. */
const WINDOW = 100_000;

/**
 * The id of an event that brings none, as a UUID: from its text and how many equal ones came before it, so
 * that the same text again gives the same id while equal lines of one file stay apart.
 */
export function deriveId(text: string, occurrence: number): string {
  // SHA-1 names, it protects nothing; the fastest of node:crypto here (1.3 million lines a second, MD5 0.9).
  const digest = hash("sha1", occurrence === 0 ? text : `${text}\n${occurrence}`);
  const variant = "89ab"[Number.parseInt(digest[16] ?? "", 16) & 3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/**
 * Makes the function that gives the texts of one file or request, in order, their ids. A text is forgotten
 * once it did not come for `window` to twice as many texts.
 */
export function makeIdDeriver(window = WINDOW): (text: string) => string {
  let recent = new CountTable();
  let before = new CountTable();
  let taken = 0;
  return (text) => {
    const first = deriveId(text, 0);
    // 64 of the hash's bits; a collision would only make an id differ, the same way each time.
    const high = Number.parseInt(first.slice(0, 8), 16);
    const low = Number.parseInt(first.slice(24, 32), 16);
    const occurrence = recent.get(high, low) || before.get(high, low);
    recent.set(high, low, occurrence + 1);
    if (++taken === window) {
      [recent, before] = [before, recent];
      recent.clear();
      taken = 0;
    }
    return occurrence === 0 ? first : deriveId(text, occurrence);
  };
}
