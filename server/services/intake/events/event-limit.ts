import { problemText } from "@/server/catalog/event-problem";

/** Bytes of one event as it came, in every format; a longer one is a dead letter. Rows that long would stall pages. */
export const MAX_EVENT_BYTES = 256 * 1024;
/** Bytes of a longer event that its dead letter has. */
export const BEGINNING_BYTES = 64 * 1024;

/** Whether `text` is longer in UTF-8 than an event may be. */
export function isTooLong(text: string): boolean {
  // A UTF-16 unit is at most three bytes, so that most texts need no counting.
  return text.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(text) > MAX_EVENT_BYTES;
}

/** The beginning of a text that is too long. */
export function beginningOf(text: string): string {
  return text.slice(0, BEGINNING_BYTES).toWellFormed();
}

/** Why it is no row. */
export function tooLongText(): string {
  return problemText("event", "event_too_long", { max: MAX_EVENT_BYTES / 1024 });
}
