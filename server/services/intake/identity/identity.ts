import { createHmac, hash } from "node:crypto";
import type { DeadLetterFormat } from "../batch";
import { CountTable } from "./count-table";

/** How far back an equal text is recognised at the least; bounds the memory of a file of any length. */
const WINDOW = 100_000;

/** What makes equal texts different events: how they are read, and where they come from. */
export interface Reading {
  readonly format: DeadLetterFormat;
  /** As the sender named it; a file's name is none. */
  readonly source?: string;
}

/** The text key of one reading. The key itself is in no text, so that nobody can tell it from the ids. */
export function readingKey(key: Uint8Array, { format, source }: Reading): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([format, source ?? null]))
    .digest("base64url");
}

/**
 * The id of an event that brings none, as a UUID of version 8: from its text and how many equal ones came before
 * it, so that the same text again gives the same id while equal lines of one file stay apart. Without the key
 * nobody can compute the id of a guessed text.
 */
export function deriveId(readingKey: string, text: string, occurrence: number): string {
  // The key comes first and has a fixed length; what is kept of the digest is too short to extend it. HMAC per
  // line takes three times as long (docs/decisions/0005).
  return uuidOf(hash("sha256", `${readingKey}${occurrence}:${text}`), "8");
}

/** The id that version 0.1 gave, or that of a dead letter, whose text holds no secret. */
export function plainId(text: string, occurrence = 0): string {
  return plainIdOf(hash("sha1", occurrence === 0 ? text : `${text}\n${occurrence}`));
}

/** @param digest the SHA-1 of the text, in hex */
export function plainIdOf(digest: string): string {
  return uuidOf(digest, "5");
}

function uuidOf(digest: string, version: "5" | "8"): string {
  const variant = "89ab"[Number.parseInt(digest[16] ?? "", 16) & 3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${version}${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/**
 * Makes the function that gives the texts of one file or request, in order, their ids. A text is forgotten
 * once it did not come for `window` to twice as many texts.
 * @param derive the id of a text that so many equal ones came before
 */
export function makeIdDeriver(
  derive: (text: string, occurrence: number) => string,
  window = WINDOW,
): (text: string) => string {
  let recent = new CountTable();
  let before = new CountTable();
  let taken = 0;
  return (text) => {
    const first = derive(text, 0);
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
    return occurrence === 0 ? first : derive(text, occurrence);
  };
}

/**
 * Makes the function that writes CSV rows as what they say: the fields that have a value, each under its column's
 * name, in the order of the names. So a row is another event under another header, and the same one where only the
 * order of the columns, the delimiter or the quotes differ.
 */
export function makeRowText(): (fields: Readonly<Record<string, unknown>>) => string {
  const labels = new Map<string, string>();
  let order: (readonly [name: string, label: string])[] = [];
  return (fields) => {
    const names = Object.keys(fields);
    for (const name of names) {
      if (labels.has(name)) continue;
      labels.set(name, JSON.stringify(name));
      order = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
    }
    // Most rows have a value in most columns, so that sorting the names of each would cost more.
    let text = "";
    for (const [name, label] of order) {
      if (!Object.hasOwn(fields, name)) continue;
      const value = fields[name];
      if (typeof value === "string") text += `${label}=${value.length}:${value}`;
      else text += `${label}:${JSON.stringify(value)}`;
    }
    return text;
  };
}
