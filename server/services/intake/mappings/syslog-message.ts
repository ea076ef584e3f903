/** The header of a syslog message. Values that the sender left out are undefined. */
export interface SyslogHeader {
  readonly facility?: string;
  readonly severity?: string;
  /** ISO 8601; without an offset if the sender sent none (RFC 3164). */
  readonly time?: string;
  readonly host?: string;
  readonly app?: string;
  readonly procid?: string;
  readonly msgid?: string;
  /** Structured data by its IDs. A parameter that occurs several times is a list. */
  readonly data?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface SyslogMessage {
  readonly header: SyslogHeader;
  readonly text: string;
}

const FACILITIES = (
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");
const SEVERITIES = "emerg alert crit err warning notice info debug".split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const PRIORITY = /^<(\d{1,3})>/;
const ISO =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?$/;
const RFC5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;
/** `Nov 30 10:00:00`, also with a year or a fraction, as some devices send. */
const RFC3164_TIME =
  /^([A-Z][a-z]{2}) {1,2}([0-3]?\d) (?:(\d{4}) )?((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?)(?: (\d{4}))?:? /;
const TAG = /^([^\s:[\]<>]{1,128})(?:\[([^\s[\]]{0,128})\])?(?:: ?|$)/;
/** A clock of the sender that is ahead by more than this belongs to the year before. */
const MAX_AHEAD_MS = 7 * 86_400_000;

/**
 * Parses a message in the format of RFC 5424 or RFC 3164, with the variants that programs send: ISO 8601 times, a time
 * with a year, no host, no tag. What is no header is part of the text.
 * @param now decides the year of a time without one, in milliseconds since 1970
 */
export function parseSyslog(message: string, now: number): SyslogMessage {
  const priority = PRIORITY.exec(message);
  const value = Number(priority?.[1]);
  const isPriority = priority !== null && value <= 191;
  const rest = isPriority ? message.slice(priority[0].length) : message;
  const levels = isPriority ? { facility: FACILITIES[value >> 3], severity: SEVERITIES[value & 7] } : {};
  const modern = RFC5424.exec(rest);
  const parsed = (modern && parseModern(rest, modern)) ?? parseTraditional(rest, now);
  return { header: { ...levels, ...parsed.header }, text: withoutMark(parsed.text) };
}

function parseModern(rest: string, match: RegExpExecArray): SyslogMessage | undefined {
  const [head, time = "", host = "", app = "", procid = "", msgid = ""] = match;
  if (time !== "-" && !ISO.test(time)) return undefined;
  const data = readStructuredData(rest, head.length);
  const header = {
    ...named("time", time),
    ...named("host", host),
    ...named("app", app),
    ...named("procid", procid),
    ...named("msgid", msgid),
    ...(data?.data && { data: data.data }),
  };
  // Text in the place of structured data is part of the message.
  const end = data?.end ?? head.length;
  return { header, text: rest.slice(rest[end] === " " ? end + 1 : end) };
}

function named<Name extends string>(name: Name, value: string): { [name in Name]?: string } {
  return value === "-" || value === "" ? {} : ({ [name]: value } as { [name in Name]?: string });
}

/** Reads `-` or `[id name="value" …]…`. @returns undefined if it is malformed */
function readStructuredData(text: string, start: number): { data?: SyslogHeader["data"]; end: number } | undefined {
  if (text[start] === "-") return { end: start + 1 };
  const data: Record<string, Record<string, string | string[]>> = Object.create(null);
  let at = start;
  while (text[at] === "[") {
    const element = readElement(text, at + 1);
    if (!element) return undefined;
    data[element.id] = { ...data[element.id], ...element.values };
    at = element.end;
  }
  return at === start ? undefined : { data: { ...data }, end: at };
}

const NAME = /[^\s="\]]{1,64}/y;
const VALUE = /[^"\\\]]*/y;

function readElement(text: string, start: number) {
  const values: Record<string, string | string[]> = Object.create(null);
  const id = match(NAME, text, start);
  if (id === undefined) return undefined;
  let at = start + id.length;
  while (text[at] === " ") {
    while (text[at] === " ") at++;
    if (text[at] === "]") break;
    const name = match(NAME, text, at);
    if (name === undefined || text.slice(at + name.length, at + name.length + 2) !== '="') return undefined;
    const value = readValue(text, at + name.length + 2);
    if (!value) return undefined;
    const known = values[name];
    values[name] = known === undefined ? value.text : [known, value.text].flat();
    at = value.end;
  }
  return text[at] === "]" ? { id, values: { ...values }, end: at + 1 } : undefined;
}

/** Reads up to the closing quote. `\"`, `\\` and `\]` are decoded; other backslashes are literal. */
function readValue(text: string, start: number): { text: string; end: number } | undefined {
  const parts: string[] = [];
  let at = start;
  for (;;) {
    const plain = match(VALUE, text, at) ?? "";
    parts.push(plain);
    at += plain.length;
    const next = text[at + 1];
    if (text[at] === '"') return { text: parts.join(""), end: at + 1 };
    if (text[at] === "\\" && (next === '"' || next === "\\" || next === "]")) {
      parts.push(next);
      at += 2;
    } else if (text[at] === "\\" || text[at] === "]") parts.push(text[at++] ?? "");
    else return undefined;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function parseTraditional(rest: string, now: number): SyslogMessage {
  const { time, end } = readTime(rest, now);
  let at = end;
  const header: { time?: string; host?: string; app?: string; procid?: string } = time === undefined ? {} : { time };
  const space = rest.indexOf(" ", at);
  const word = space === -1 ? "" : rest.slice(at, space);
  // A host is only sent after a time, and a tag instead of it ends with a colon.
  if (time !== undefined && /^[\w.:%/-]{1,255}$/.test(word) && !word.endsWith(":")) {
    header.host = word;
    at = space + 1;
  }
  const tag = TAG.exec(rest.slice(at, at + 300));
  if (tag && (time !== undefined || tag[2] !== undefined)) {
    if (tag[1]) header.app = tag[1];
    if (tag[2]) header.procid = tag[2];
    at += tag[0].length;
  }
  return { header, text: rest.slice(at) };
}

function readTime(rest: string, now: number): { time?: string; end: number } {
  const space = rest.indexOf(" ");
  if (space > 0 && space <= 40 && ISO.test(rest.slice(0, space))) return { time: rest.slice(0, space), end: space + 1 };
  const written = RFC3164_TIME.exec(rest);
  if (!written) return { end: 0 };
  const [head, name = "", day = "", before, clock = "", after] = written;
  const month = MONTHS.indexOf(name);
  if (month === -1) return { end: 0 };
  const year = before ?? after ?? String(yearOf(month, Number(day), now));
  return {
    time: `${year}-${String(month + 1).padStart(2, "0")}-${day.padStart(2, "0")}T${clock}`,
    end: head.length,
  };
}

/** The latest year in which a day is not in the future. */
function yearOf(month: number, day: number, now: number): number {
  const year = new Date(now).getUTCFullYear();
  for (const candidate of [year + 1, year]) {
    if (Date.UTC(candidate, month, day) <= now + MAX_AHEAD_MS) return candidate;
  }
  return year - 1;
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
