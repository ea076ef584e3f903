/**
 * The import id of a queued event precedes its text, so that a worker can remove it without parsing JSON twice; the
 * rest is the original event, for its dead letter.
 */
const MARK = /^\{"\$import":(\d{1,9})(?:,|(?=\}))/;

/** Adds an import id to an event's JSON text. */
export function withImport(payload: string, importId: number): string {
  return `{"$import":${importId}${payload === "{}" ? "" : ","}${payload.slice(1)}`;
}

/** Splits a queue message into the event's own text and its import id, if any. */
export function splitImport(payload: string): { readonly raw: string; readonly importId?: number } {
  const mark = payload.startsWith('{"$import":') ? MARK.exec(payload) : null;
  return mark ? { raw: `{${payload.slice(mark[0].length)}`, importId: Number(mark[1]) } : { raw: payload };
}
