/**
 * The import of an event in the queue comes first in its text, so that a worker can take it off without reading JSON
 * twice: what is left is the event as it was pushed, for its dead letter.
 */
const MARK = /^\{"\$import":(\d{1,9})(?:,|(?=\}))/;

/** An event's JSON text with its import in it. */
export function withImport(payload: string, importId: number): string {
  return `{"$import":${importId}${payload === "{}" ? "" : ","}${payload.slice(1)}`;
}

/** The event's own text, and its import if it has one. */
export function splitImport(payload: string): { readonly raw: string; readonly importId?: number } {
  const mark = payload.startsWith('{"$import":') ? MARK.exec(payload) : null;
  return mark ? { raw: `{${payload.slice(mark[0].length)}`, importId: Number(mark[1]) } : { raw: payload };
}
