import { createHmac, hash } from "node:crypto";
import { hashUuid } from "@/server/lib/hash-uuid";
import type { DeadLetterFormat } from "../batch";
import { CountTable } from "./count-table";

/** An equal text at this distance or less is always recognized; bounds memory for files of any length. */
const WINDOW = 100_000;

/** The properties that distinguish events with equal texts: their format, source and mapping. */
export interface Reading {
  readonly format: DeadLetterFormat;
  /** As named by the sender; a file name is not a source. */
  readonly source?: string;
  /** The expression of the mapping; the same text read with another mapping is another event. */
  readonly mapping?: string;
}

/** Derives the key text of a reading. It does not contain the database key, which therefore cannot be derived from ids. */
export function readingKey(key: Uint8Array, { format, source, mapping }: Reading): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([format, source ?? null, ...(mapping === undefined ? [] : [mapping])]))
    .digest("base64url");
}

/**
 * Derives the id of an event without one, as a UUID of version 8, from its text and the number of equal texts before
 * it. The same file gets the same ids again, while equal lines within it get different ones. Without the key, the id of
 * a guessed text cannot be computed.
 */
export function deriveId(readingKey: string, text: string, occurrence: number): string {
  // The key comes first and has a fixed length, and the truncated digest is too short for length extension. An HMAC per
  // line takes three times as long (docs/decisions/0005).
  return hashUuid(hash("sha256", `${readingKey}${occurrence}:${text}`), 8);
}

/** The id that version 0.1 assigned, or that of a dead letter, whose text contains no secret. */
export function plainId(text: string, occurrence = 0): string {
  return plainIdOf(hash("sha1", occurrence === 0 ? text : `${text}\n${occurrence}`));
}

/** @param digest the SHA-1 of the text, in hex */
export function plainIdOf(digest: string): string {
  return hashUuid(digest, 5);
}

/** Returns ids for the texts of one file or request, in order. */
export interface IdDeriver {
  (text: string): string;
  /** The counts of recent texts, for a file that continues this one. */
  counts(): Uint32Array;
}

/**
 * Creates a function that returns ids for the texts of one file or request, in order. A text is forgotten after
 * `window` to 2 × `window` other texts.
 * @param derive the id of a text, given the number of equal ones before it
 * @param earlier the counts of the file that this one continues
 */
export function makeIdDeriver(
  derive: (text: string, occurrence: number) => string,
  window = WINDOW,
  earlier?: Uint32Array,
): IdDeriver {
  let recent = new CountTable();
  let before = new CountTable();
  if (earlier) before.load(earlier);
  let taken = 0;
  const idOf = (text: string) => {
    const first = derive(text, 0);
    // 64 bits of the hash; a collision only changes an id, deterministically.
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
  const counts = () => {
    const all = new CountTable();
    all.load(before.entries());
    all.load(recent.entries());
    return all.entries();
  };
  return Object.assign(idOf, { counts });
}

/**
 * Creates a function that serializes CSV rows by content: the non-empty fields, by column name, sorted by name. A row
 * under another header is another event, and is the same one when only column order, delimiter or quotes differ.
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
    // Most rows have most columns, so the names are sorted once instead of per row.
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
