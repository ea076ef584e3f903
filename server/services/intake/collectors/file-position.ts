import { isObject } from "../mappings/pairs";

/**
 * Returns the text that identifies an event by its place in a file, if the collector added it: `log.file.path` and
 * `log.offset` (Filebeat), or `file` and `offset`. The rest of the document is not part of it, such as the time at which
 * the line was read: a collector that was killed reads its last lines again, with another time.
 */
export function filePosition(document: Readonly<Record<string, unknown>>): string | undefined {
  const { log, file: path, offset: position, message, host } = document;
  const line = message ?? (typeof log === "string" ? log : undefined);
  const file = isObject(log) && isObject(log.file) ? log.file.path : path;
  const offset = isObject(log) && log.offset !== undefined ? log.offset : position;
  if (typeof line !== "string" || typeof file !== "string" || !/^\d+$/.test(String(offset))) return undefined;
  return JSON.stringify([isObject(host) ? (host.name ?? null) : (host ?? null), file, String(offset), line]);
}
