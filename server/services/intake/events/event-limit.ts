import { type ErrorValue, errorValue } from "@/server/catalog/errors";

/**
 * Maximum size of an original event in bytes, for all formats; larger events become dead letters. Such rows would slow
 * down pages.
 */
export const MAX_EVENT_BYTES = 256 * 1024;
/** Bytes of a larger event that are stored in its dead letter. */
export const BEGINNING_BYTES = 64 * 1024;

/** Whether `text` exceeds the event limit in UTF-8. */
export function isTooLong(text: string): boolean {
  // A UTF-16 unit is at most three bytes, so most texts need no counting.
  return text.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(text) > MAX_EVENT_BYTES;
}

/** The beginning of a text that is too long. */
export function beginningOf(text: string): string {
  return text.slice(0, BEGINNING_BYTES).toWellFormed();
}

/** The reason in the dead letter. */
export function tooLongError(): ErrorValue {
  return errorValue("event.event_too_long", { field: "event", max: MAX_EVENT_BYTES / 1024 });
}
