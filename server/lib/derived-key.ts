import { hkdfSync } from "node:crypto";

/**
 * The key for one purpose, derived from the secret of the installation (HKDF, RFC 5869): what signs one thing says
 * nothing about, and cannot be used for, another.
 */
export function derivedKey(secret: string, purpose: "cookies" | "known browsers" | "cursors" | "cache keys"): string {
  return Buffer.from(hkdfSync("sha256", secret, "", `batch-console ${purpose}`, 32)).toString("base64url");
}
