/** The compressions that are read. */
export type Compression = "gzip" | "zstd" | "xz";

/** The bytes that determine the compression of a file. */
export const MAGIC_BYTES = 6;

const MAGICS: readonly (readonly [format: Compression | "unsupported", name: string, bytes: readonly number[]])[] = [
  ["gzip", "gzip", [0x1f, 0x8b]],
  ["zstd", "zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", "xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["unsupported", "bzip2", [0x42, 0x5a, 0x68]],
  ["unsupported", "zip", [0x50, 0x4b, 0x03, 0x04]],
  ["unsupported", "7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["unsupported", "lz4", [0x04, 0x22, 0x4d, 0x18]],
  ["unsupported", "compress (.Z)", [0x1f, 0x9d]],
];

/**
 * Returns the compression of a file by its first bytes, not by its name; undefined for text. The name of another one is
 * in `unsupported`.
 */
export function compressionOf(head: Uint8Array): { format?: Compression; unsupported?: string } {
  // A skippable frame, with which some tools begin.
  if (startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]) && ((head[0] ?? 0) & 0xf0) === 0x50) return { format: "zstd" };
  for (const [format, name, bytes] of MAGICS) {
    if (!startsWith(head, bytes)) continue;
    // "BZh" is followed by a digit and the first byte of pi, or of its square root for an empty file.
    if (name === "bzip2" && !isBzip2(head)) continue;
    return format === "unsupported" ? { unsupported: name } : { format };
  }
  return {};
}

/** Whether a file is compressed, by its first bytes. */
export function isCompressed(head: Uint8Array): boolean {
  const { format, unsupported } = compressionOf(head);
  return format !== undefined || unsupported !== undefined;
}

function isBzip2(head: Uint8Array): boolean {
  const [level = 0, mark] = head.subarray(3);
  return level >= 0x31 && level <= 0x39 && (mark === 0x31 || mark === 0x17);
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte);
}
