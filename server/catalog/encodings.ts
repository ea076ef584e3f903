/** Encodings offered in the interface. Intake accepts all encodings of the WHATWG standard. */
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

/**
 * Returns the standard name of an encoding: `gbk` for `GB2312`, `utf-16le` for `utf-16`. Undefined if it is unknown.
 */
export function encodingOf(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
