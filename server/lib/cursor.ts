import { createHmac, timingSafeEqual } from "node:crypto";
import { derivedKey } from "./derived-key";
import { AppError, fieldError } from "./errors";

const SIGNATURE_BYTES = 16;

/**
 * Encodes a position in a list as an opaque cursor: the values, and a signature over them and `scope` (the list with
 * its filters and sort), so that a cursor can be neither forged nor used for another list.
 */
export function sealCursor(secret: string, scope: string, values: readonly string[]): string {
  const body = Buffer.from(JSON.stringify(values));
  return Buffer.concat([sign(secret, scope, body), body]).toString("base64url");
}

/**
 * Decodes a cursor that sealCursor created for the same scope.
 * @throws AppError BAD_REQUEST for any other text
 */
export function openCursor(secret: string, scope: string, cursor: string): string[] {
  const bytes = Buffer.from(cursor, "base64url");
  const body = bytes.subarray(SIGNATURE_BYTES);
  // Re-encoded, because base64 decoding skips unknown characters and ignores spare bits.
  if (body.length > 0 && bytes.toString("base64url") === cursor) {
    const signature = bytes.subarray(0, SIGNATURE_BYTES);
    if (timingSafeEqual(signature, sign(secret, scope, body))) return JSON.parse(body.toString()) as string[];
  }
  throw new AppError("request.cursor", {}, { errors: [fieldError("cursor", "input.other_list", {})] });
}

function sign(secret: string, scope: string, body: Buffer): Buffer {
  const key = derivedKey(secret, "cursors");
  return createHmac("sha256", key).update(scope).update("\0").update(body).digest().subarray(0, SIGNATURE_BYTES);
}
