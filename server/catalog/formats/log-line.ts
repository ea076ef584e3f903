import { type ErrorValue, errorValue } from "../errors/value";
import type { ClientExtra } from "./client-address";
import { readLineHead } from "./line-head";
import { splitRequest, unescapeQuoted } from "./request-line";

/** A web server's log line as an event: first the table's columns, then fields without a column. */
interface LogLineEvent extends ClientExtra {
  created_at: string;
  ip_address: string;
  user_id?: string;
  request_method: string;
  request_path: string;
  status_code: number;
  response_time?: number;
  referer?: string;
  user_agent?: string;
  protocol?: string;
  bytes_sent?: number;
  vhost?: string;
  ident?: string;
  request_id?: string;
  /** The prefix added by a collector (syslog, a container runtime). */
  prefix?: string;
  /** Text after the user agent. */
  trailing?: string;
}

type LogLine = { event: LogLineEvent } | { error: ErrorValue };

const MONTHS: Readonly<Record<string, string>> = {
  Jan: "01",
  Feb: "02",
  Mar: "03",
  Apr: "04",
  May: "05",
  Jun: "06",
  Jul: "07",
  Aug: "08",
  Sep: "09",
  Oct: "10",
  Nov: "11",
  Dec: "12",
};

/** Length of `[10/Oct/2000:13:55:36 -0700]`. */
const TIME_LENGTH = 28;
const TIME = /^\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\]$/;
const NUMBER = /^\d{1,15}$/;

/**
 * Parses one access log line in Common or Combined Log Format, optionally after a virtual host or a collector's prefix:
 * `[vhost[:port] ]ip ident user [day/Mon/year:hh:mm:ss ±zzzz] "request" status bytes ["referer" "user agent"[
 * trailing]]`
 *
 * - A request other than `METHOD path PROTOCOL` (TLS bytes, "-", a word) becomes the request_path, with the method "-".
 * - A status of "-" (the client disconnected before the response) becomes 0, as logged by nginx.
 * - An error has the form `field: reason`, without the value. Truncated lines are errors.
 *
 * Runs in linear time for any line.
 */
export function parseLogLine(line: string): LogLine {
  const timeAt = findTime(line);
  if (timeAt === -1) return { error: errorValue("event.no_log_time", { field: "created_at" }) };
  const createdAt = readTime(line.slice(timeAt, timeAt + TIME_LENGTH));
  if (createdAt === undefined) return { error: errorValue("event.not_log_time", { field: "created_at" }) };

  const requestAt = timeAt + TIME_LENGTH + 2;
  if (!line.startsWith(' "', requestAt - 2))
    return { error: errorValue("event.no_request", { field: "request_path" }) };
  const requestEnd = closingQuote(line, requestAt, isStatusNext);
  if (requestEnd === -1) {
    return { error: errorValue("event.request_cut", { field: "request_path" }) };
  }
  const statusAt = requestEnd + 2;
  const statusEnd = line.indexOf(" ", statusAt);
  if (statusEnd === -1) return { error: errorValue("event.cut_after_status", { field: "bytes_sent" }) };
  const status = line.slice(statusAt, statusEnd);

  const bytesEnd = endOfWord(line, statusEnd + 1);
  const bytes = line.slice(statusEnd + 1, bytesEnd);
  if (bytes !== "-" && !NUMBER.test(bytes))
    return { error: errorValue("event.not_whole_number", { field: "bytes_sent" }) };

  const client = readLineHead(line.slice(0, timeAt));
  if (client === undefined) return { error: errorValue("event.no_client", { field: "ip_address" }) };

  const event: LogLineEvent = {
    created_at: createdAt,
    ...client,
    ...splitRequest(unescapeQuoted(line.slice(requestAt, requestEnd))),
    status_code: status === "-" ? 0 : Number(status),
  };
  if (bytes !== "-") event.bytes_sent = Number(bytes);
  const problem = readTail(line, bytesEnd, event);
  return problem === undefined ? { event } : { error: problem };
}

/** Parses the referer, the user agent and the text after them. @returns the error, if any */
function readTail(line: string, from: number, event: LogLineEvent): ErrorValue | undefined {
  if (!line.startsWith(' "', from)) {
    setTrailing(event, line.slice(from).trim());
    return undefined;
  }
  const refererAt = from + 2;
  const refererEnd = closingQuote(line, refererAt, isQuoteNext);
  if (refererEnd === -1) return errorValue("event.cut_after_referer", { field: "user_agent" });
  const agentAt = refererEnd + 3;
  const agentEnd = closingQuote(line, agentAt, isWordEnd);
  if (agentEnd === -1) return errorValue("event.quote_cut", { field: "user_agent" });
  const referer = unescapeQuoted(line.slice(refererAt, refererEnd));
  const agent = unescapeQuoted(line.slice(agentAt, agentEnd));
  if (referer !== "-" && referer !== "") event.referer = referer;
  if (agent !== "-" && agent !== "") event.user_agent = agent;
  setTrailing(event, line.slice(agentEnd + 1).trim());
  return undefined;
}

function setTrailing(event: LogLineEvent, trailing: string): void {
  if (trailing === "") return;
  event.trailing = trailing;
  const milliseconds = responseTime(trailing);
  if (milliseconds !== undefined) event.response_time = milliseconds;
}

/**
 * Returns milliseconds if the notation is unambiguous: Traefik's final `12ms`, nginx's `rt=0.012` or a single
 * request_time (always three decimals), and ingress-nginx's length, time and [upstream]. Apache's %D and %T cannot be
 * distinguished and remain in `trailing`.
 */
function responseTime(trailing: string): number | undefined {
  const tail = trailing.slice(-20);
  const whole = /(?:^|\s)(\d{1,9})ms$/.exec(tail)?.[1];
  if (whole !== undefined) return Number(whole);
  const seconds =
    /^(\d{1,6}\.\d{3})$/.exec(trailing) ??
    /^\d{1,15} (\d{1,6}\.\d{3}) \[/.exec(trailing) ??
    /(?:^|\s)rt=(\d{1,6}\.\d{3})(?:\s|$)/.exec(trailing);
  return seconds?.[1] === undefined ? undefined : Math.round(Number(seconds[1]) * 1000);
}

function findTime(line: string): number {
  for (let at = line.indexOf("["); at !== -1; at = line.indexOf("[", at + 1)) {
    if (line[at + 3] === "/" && line[at + 7] === "/" && line[at + 12] === ":" && line[at + 27] === "]") return at;
  }
  return -1;
}

// Log lines are in order of time, so most have the same second as the previous one.
let lastTime = "";
let lastIso: string | undefined;

function readTime(text: string): string | undefined {
  if (text === lastTime) return lastIso;
  const parts = TIME.exec(text);
  const month = MONTHS[parts?.[2] ?? ""];
  lastTime = text;
  lastIso = parts && month ? `${parts[3]}-${month}-${parts[1]}T${parts[4]}${parts[5]}:${parts[6]}` : undefined;
  return lastIso;
}

/**
 * Finds the end of the quoted text that starts at `from`: the first unescaped quote after which `next` matches, for
 * servers that do not escape quotes. -1 if there is none.
 */
function closingQuote(line: string, from: number, next: (line: string, at: number) => boolean): number {
  let slash = line.indexOf("\\", from);
  let quote = line.indexOf('"', from);
  while (quote !== -1) {
    if (slash !== -1 && slash < quote) {
      const at = slash + 2;
      slash = line.indexOf("\\", at);
      if (quote < at) quote = line.indexOf('"', at);
    } else {
      if (next(line, quote + 1)) return quote;
      quote = line.indexOf('"', quote + 1);
    }
  }
  return -1;
}

const STATUS_NEXT = / (?:\d{3}|-)(?: |$)/y;

function isStatusNext(line: string, at: number): boolean {
  STATUS_NEXT.lastIndex = at;
  return STATUS_NEXT.test(line);
}

function isQuoteNext(line: string, at: number): boolean {
  return line.startsWith(' "', at);
}

function isWordEnd(line: string, at: number): boolean {
  return at === line.length || line[at] === " ";
}

function endOfWord(line: string, from: number): number {
  const space = line.indexOf(" ", from);
  return space === -1 ? line.length : space;
}
