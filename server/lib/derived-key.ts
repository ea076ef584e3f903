import { hkdfSync } from "node:crypto";

/**
 * Derives the key for one purpose from the installation's secret (HKDF, RFC 5869), so that a signature for one purpose
 * is neither valid for another nor reveals its key.
 */
export function derivedKey(secret: string, purpose: "cookies" | "known browsers" | "cursors" | "cache keys"): string {
  return Buffer.from(hkdfSync("sha256", secret, "", `batch-console ${purpose}`, 32)).toString("base64url");
}
