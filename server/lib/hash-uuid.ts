/**
 * A hash as a UUID (RFC 9562): its first 128 bits, but for the version and the variant.
 * @param digest hexadecimal, 32 characters or more
 * @param version 5: of a SHA-1; 8: of anything else
 */
export function hashUuid(digest: string, version: 5 | 8): string {
  const variant = "89ab"[Number.parseInt(digest[16] ?? "", 16) & 3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${version}${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
