import type { LogTable } from "@/server/catalog";
import { missingColumns } from "@/server/catalog/formats/csv-header";
import { readJsonEvent } from "../events/json-event";
import { isObject } from "./pairs";
import { parseSyslog, type SyslogHeader } from "./syslog-message";
import type { LineParser, MappedEvent, Parsed } from "./text-mapping";
import { enclose, makeAnyLineParser } from "./wrapper";

/** How the text of a message becomes an event. */
export type TextReading =
  | { readonly kind: "lines"; readonly parse: LineParser }
  | { readonly kind: "events"; readonly map: (event: unknown) => Parsed };

/** A mark that some programs send before JSON. */
const COOKIE = /^\s*@cee:\s*/;

/**
 * Creates the reader of syslog messages. The text of a message is read as JSON, as a log line of any format of the
 * product, or with a mapping; for user activities, other text is an activity of the host. The header is stored in
 * `extra.syslog`, and its time is used if the text has none.
 */
export function makeSyslogParser(table: LogTable, mapping?: TextReading): LineParser {
  const inner: TextReading = mapping ?? { kind: "lines", parse: makeAnyLineParser(table) };
  return (message) => {
    const { header, text } = parseSyslog(message, Date.now());
    const json = text.replace(COOKIE, "");
    const { time, ...rest } = header;
    const parsed = inner.kind === "lines" ? inner.parse(json) : inner.map(eventOf(json, rest));
    if (table.name === "user_activities" && !mapping) return activityOf(parsed, text, header, table);
    return enclose(parsed, time, inner.kind === "lines" && Object.keys(rest).length > 0 ? { syslog: rest } : {});
  };
}

/** Whether an event has what a row of `table` requires. */
export function isRowOf(event: unknown, table: LogTable): boolean {
  return isObject(event) && missingColumns(Object.keys(event), table).length === 0;
}

/** The event that pairs read: a JSON text's members, or `message`, beside `syslog`. */
function eventOf(text: string, syslog: SyslogHeader): MappedEvent {
  const parsed = text.trimStart().startsWith("{") ? readJsonEvent(text) : undefined;
  const event = parsed && "event" in parsed && isObject(parsed.event) ? parsed.event : { message: text };
  return { ...event, syslog };
}

function activityOf(parsed: Parsed, text: string, { time, ...syslog }: SyslogHeader, table: LogTable): Parsed {
  const given = "event" in parsed && isObject(parsed.event) ? parsed.event : undefined;
  if (given && isRowOf(given, table)) return enclose({ event: given }, time, { syslog });
  const event = {
    user_id: syslog.host ?? "-",
    action: (syslog.app ?? "syslog").slice(0, 100),
    details: given ?? { message: text },
  };
  return enclose({ event }, time, { syslog });
}
