import type { OfferedEncoding } from "@/server/catalog/encodings";

/** Share of the characters beyond ASCII that have to look common. */
const ENOUGH = 0.6;
/** What a text has to have to be judged by its zero bytes. */
const UTF16_ZEROS = 0.2;

/** Whether a two-byte character is one of those that texts in the encoding are mostly made of. */
type Commonness = (lead: number, trail: number) => boolean;

/** In the order in which they win where they fit equally. */
const TWO_BYTE: readonly (readonly [OfferedEncoding, Commonness])[] = [
  // Hanzi of level 1, and punctuation.
  ["gb18030", (lead, trail) => trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3))],
  ["big5", (lead, trail) => lead >= 0xa1 && lead <= 0xc6 && ((trail >= 0x40 && trail <= 0x7e) || trail >= 0xa1)],
  // Kana, and kanji of level 1.
  ["shift_jis", (lead, trail) => trail >= 0x40 && (lead === 0x82 || lead === 0x83 || (lead >= 0x88 && lead <= 0x97))],
];

/**
 * The encoding that bytes beyond UTF-8 fit best, judged by how common their characters are in it; undefined where none
 * fits: a stray byte, or no text at all.
 * @param head the beginning of a text
 */
export function guessEncoding(head: Uint8Array): OfferedEncoding | undefined {
  const wide = guessWide(head);
  if (wide) return wide;
  let best: { name: OfferedEncoding; score: number } | undefined;
  for (const [name, isCommon] of TWO_BYTE) {
    const score = scoreOf(head, name, isCommon);
    if (score >= ENOUGH && score > (best?.score ?? 0)) best = { name, score };
  }
  return best?.name ?? (isWestern(head) ? "windows-1252" : undefined);
}

/** UTF-16 has a zero byte in each character of ASCII, always on the same side. */
function guessWide(head: Uint8Array): OfferedEncoding | undefined {
  const zeros = [0, 0];
  // Leading zeros are a log rotation's.
  const first = head.findIndex((byte) => byte !== 0);
  if (first === -1) return undefined;
  const start = first - (first % 2);
  for (let at = start; at < head.length; at++) {
    if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  }
  const [even = 0, odd = 0] = zeros;
  if (even + odd < ((head.length - start) / 2) * UTF16_ZEROS) return undefined;
  if (odd > 9 * even) return "utf-16le";
  return even > 9 * odd ? "utf-16be" : undefined;
}

/** The share of common characters among those beyond ASCII; 0 where the bytes cannot be that encoding. */
function scoreOf(head: Uint8Array, name: OfferedEncoding, isCommon: Commonness): number {
  try {
    // Its last character may be cut off.
    new TextDecoder(name, { fatal: true }).decode(head, { stream: true });
  } catch {
    return 0;
  }
  let all = 0;
  let common = 0;
  for (let at = 0; at < head.length; at++) {
    const lead = head[at] ?? 0;
    if (lead < 0x80) continue;
    all++;
    const trail = head[++at];
    if (trail === undefined || isCommon(lead, trail)) common++;
  }
  return all === 0 ? 0 : common / all;
}

/** Letters with accents stand alone among letters of ASCII. */
function isWestern(head: Uint8Array): boolean {
  let all = 0;
  let fitting = 0;
  for (let at = 0; at < head.length; at++) {
    const byte = head[at] ?? 0;
    if (byte < 0x80) continue;
    all++;
    const isLetter = byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7 && byte !== 0xff;
    if (isLetter && (isAsciiLetter(head[at - 1]) || isAsciiLetter(head[at + 1]))) fitting++;
  }
  return all > 0 && fitting / all >= ENOUGH;
}

function isAsciiLetter(byte = 0): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
