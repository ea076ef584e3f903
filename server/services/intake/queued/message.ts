/**
 * The mark of messages that this product wrote: the import id, or 0 for events of no import. It precedes the text, so
 * that a worker can remove it without parsing JSON twice; the rest is the original event, for its dead letter.
 */
const MARK = /^\{"\$import":(\d{1,9})(?:,|(?=\}))/;
const NO_IMPORT = 0;

export interface QueuedMessage {
  /** The event's own text. */
  readonly raw: string;
  readonly importId?: number;
  /** Whether this product wrote it, with the names of columns. */
  readonly isOwn: boolean;
}

/** Adds the mark to an event's JSON text. */
export function markOwn(payload: string, importId = NO_IMPORT): string {
  return `{"$import":${importId}${payload === "{}" ? "" : ","}${payload.slice(1)}`;
}

/** Splits a queue message into the event's own text and its import id, if any. */
export function splitMessage(payload: string): QueuedMessage {
  const mark = payload.startsWith('{"$import":') ? MARK.exec(payload) : null;
  if (!mark) return { raw: payload, isOwn: false };
  const importId = Number(mark[1]);
  const raw = `{${payload.slice(mark[0].length)}`;
  return importId === NO_IMPORT ? { raw, isOwn: true } : { raw, importId, isOwn: true };
}
