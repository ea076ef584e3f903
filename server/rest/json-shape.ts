import { AppError } from "@/server/lib/errors";

/** Commands are nested only a few levels deep, but an edited event may be deeper. */
const MAX_DEPTH = 100;
/** Slightly more than the 10,000 ids of the longest command. Validating more values would block the event loop. */
const MAX_VALUES = 12_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/**
 * Counts the levels and values of a JSON text in one pass over its bytes, before it is parsed.
 * @throws AppError BAD_REQUEST for more than 100 levels, TOO_LARGE for more than 12,000 values
 */
export function checkJsonShape(bytes: Uint8Array): void {
  let depth = 0;
  let values = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === COMMA) values++;
    else if (byte !== undefined && OPEN.has(byte)) {
      values++;
      if (++depth > MAX_DEPTH) throw new AppError("request.body_too_deep", { max: MAX_DEPTH });
    } else if (byte !== undefined && CLOSE.has(byte)) depth--;
    if (values > MAX_VALUES) throw new AppError("request.body_too_many_values", { max: MAX_VALUES });
  }
}
