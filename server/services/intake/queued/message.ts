/** The import id precedes the text, so that a worker can remove it without parsing JSON twice. */
const IMPORT_MARK = /^\{"\$import":(\d{1,9})(?:,|(?=\}))/;
/** Precedes the events of no import. Workers of version 0.1.0 read the same JSON with it. */
const OWN_MARK = " \t ";

export interface QueuedMessage {
  /** The event's own text. */
  readonly raw: string;
  readonly importId?: number;
  /** Whether this product wrote it, with the names of columns. */
  readonly isOwn: boolean;
}

/** Marks an event's JSON text as written by this product. */
export function markOwn(payload: string, importId?: number): string {
  if (importId === undefined) return `${OWN_MARK}${payload}`;
  return `{"$import":${importId}${payload === "{}" ? "" : ","}${payload.slice(1)}`;
}

/** Splits a queue message into the event's own text and its marks. */
export function splitMessage(payload: string): QueuedMessage {
  if (payload.startsWith(OWN_MARK)) return { raw: payload.slice(OWN_MARK.length), isOwn: true };
  const mark = payload.startsWith('{"$import":') ? IMPORT_MARK.exec(payload) : null;
  if (!mark) return { raw: payload, isOwn: false };
  return { raw: `{${payload.slice(mark[0].length)}`, importId: Number(mark[1]), isOwn: true };
}
