/** Encodings that the interface offers; the intake takes every one of the WHATWG standard. */
export const ENCODINGS = [
  "utf-8",
  "gb18030",
  "big5",
  "utf-16le",
  "utf-16be",
  "shift_jis",
  "euc-kr",
  "windows-1252",
] as const;

export type OfferedEncoding = (typeof ENCODINGS)[number];

/** The standard's name of an encoding: `gbk` for `GB2312`, `utf-16le` for `utf-16`. Undefined for what is none. */
export function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
