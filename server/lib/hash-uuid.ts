/**
 * Converts a hash to a UUID (RFC 9562) from its first 128 bits, except those of the version and the variant.
 * @param digest hexadecimal, 32 characters or more
 * @param version 5 for a SHA-1 hash, 8 for any other
 */
export function hashUuid(digest: string, version: 5 | 8): string {
  const variant = "89ab"[Number.parseInt(digest[16] ?? "", 16) & 3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${version}${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
