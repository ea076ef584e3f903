import type { OfferedEncoding } from "@/server/catalog/encodings";

/** Required share of common characters among those beyond ASCII. */
const MIN_SHARE = 0.6;
/** Conditions for judging a text by its zero bytes. */
const UTF16_ZEROS = 0.2;

/** Whether a two-byte character is common in texts of the encoding. */
type Commonness = (lead: number, trail: number) => boolean;

/** In order of preference for equal scores. */
const TWO_BYTE: readonly (readonly [OfferedEncoding, Commonness])[] = [
  // Level 1 hanzi and punctuation.
  ["gb18030", (lead, trail) => trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3))],
  ["big5", (lead, trail) => lead >= 0xa1 && lead <= 0xc6 && ((trail >= 0x40 && trail <= 0x7e) || trail >= 0xa1)],
  // Kana and level 1 kanji.
  ["shift_jis", (lead, trail) => trail >= 0x40 && (lead === 0x82 || lead === 0x83 || (lead >= 0x88 && lead <= 0x97))],
];

/**
 * Guesses the encoding of non-UTF-8 bytes by how common their characters are in each encoding; undefined when none
 * fits, as for a stray byte or binary data.
 * @param head the beginning of a text
 */
export function guessEncoding(head: Uint8Array): OfferedEncoding | undefined {
  const wide = guessWide(head);
  if (wide) return wide;
  let best: { name: OfferedEncoding; score: number } | undefined;
  for (const [name, isCommon] of TWO_BYTE) {
    const score = scoreOf(head, name, isCommon);
    if (score >= MIN_SHARE && score > (best?.score ?? 0)) best = { name, score };
  }
  return best?.name ?? (isWestern(head) ? "windows-1252" : undefined);
}

/** UTF-16 has a zero byte in each ASCII character, always on the same side. */
function guessWide(head: Uint8Array): OfferedEncoding | undefined {
  const zeros = [0, 0];
  // Leading zeros are left by a log rotation.
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

/** The share of common characters among those beyond ASCII; 0 when the bytes are invalid in the encoding. */
function scoreOf(head: Uint8Array, name: OfferedEncoding, isCommon: Commonness): number {
  try {
    // Its last character may be truncated.
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

/** Accented letters are surrounded by ASCII letters. */
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
  return all > 0 && fitting / all >= MIN_SHARE;
}

function isAsciiLetter(byte = 0): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
