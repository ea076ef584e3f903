import { parseRangeStart } from "@/server/lib/time";
import { formatTime } from "../ui/time";

export interface TypedTime {
  /** ISO 8601 with the typed precision; without an offset it is in the console's time zone. */
  text: string;
  /** Whether a clock change skipped the time (and the time used instead) or repeated it (the first is used). */
  note?: { kind: "skipped"; taken: string } | { kind: "twice" };
}

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const AGO = /^now(?:\s*-\s*(\d{1,6})\s*([smhdw]))?$/i;
const EPOCH = /^\d{10}(?:\d{3})?$/;
const COMMON_LOG = /^\[?(\d{1,2})\/([a-z]{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]?$/i;
const DATE_TIME =
  /^(?:(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?)?[T ]*(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
/** A whole month: `2026-10`, `2026年10月`. */
const MONTH = /^(\d{4})[-/.年](\d{1,2})月?$/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * Parses a typed or pasted time: `2026-11-22 10:00`, `11/22 10:00` (of the last twelve months), `2026-11`, `10:00`, `now-2h`, seconds or milliseconds since
 * 1970, and the format of web server logs (`22/Nov/2026:10:00:00 +0800`).
 * @param now milliseconds since 1970
 * @param day the day of a text without day or year, such as `2026-11-22`; defaults to today in `timeZone`
 * @param edge the day that a month stands for
 * @returns undefined if it is not a valid time
 */
export function readTypedTime(
  typed: string,
  now: number,
  timeZone: string,
  day = dayOf(now, timeZone),
  edge: "start" | "end" = "start",
): TypedTime | undefined {
  const text = typed.trim();
  const ago = AGO.exec(text);
  if (ago) return { text: instant(now - Number(ago[1] ?? 0) * UNITS_MS[unitOf(ago[2])]) };
  if (EPOCH.test(text)) return { text: instant(text.length === 10 ? Number(text) * 1_000 : Number(text)) };
  const iso = fromCommonLog(text) ?? fromMonth(text, edge) ?? fromDateTime(text, day, dayOf(now, timeZone));
  if (iso === undefined || parseRangeStart(iso, timeZone) === undefined) return undefined;
  const note = clockNote(iso, timeZone);
  return note ? { text: iso, note } : { text: iso };
}

/** Formats a time for an input: `2026-11-22 10:00`, in `timeZone`. */
export function shownTime(iso: string, timeZone: string): string {
  if (!/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso.slice(10))) return iso.replace("T", " ");
  return formatTime(parseRangeStart(iso, timeZone) ?? iso, timeZone);
}

function unitOf(letter: string | undefined): keyof typeof UNITS_MS {
  const unit = letter?.toLowerCase();
  return unit === "m" || unit === "h" || unit === "d" || unit === "w" ? unit : "s";
}

function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function fromCommonLog(text: string): string | undefined {
  const [, day = "", month = "", year, clock, offset = ""] = COMMON_LOG.exec(text) ?? [];
  const index = MONTHS.indexOf(month.toLowerCase());
  if (year === undefined || index === -1) return undefined;
  return `${year}-${pad(index + 1)}-${pad(day)}T${clock}${offset.slice(0, 3)}:${offset.slice(3)}`;
}

/** Returns the first or last day of a month. */
function fromMonth(text: string, edge: "start" | "end"): string | undefined {
  const [, year = "", month = ""] = MONTH.exec(text) ?? [];
  if (year === "" || Number(month) < 1 || Number(month) > 12) return undefined;
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return `${year}-${pad(month)}-${edge === "start" ? "01" : last}`;
}

/** Returns whether a text stands for a whole month. */
export function isMonth(text: string): boolean {
  return MONTH.test(text.trim());
}

/** @param day the day of a text without one @param today the latest day of a text without a year */
function fromDateTime(text: string, day: string, today: string): string | undefined {
  const match = DATE_TIME.exec(text);
  if (text === "" || !match) return undefined;
  const [, year, month, date, hour, minute, second, fraction, offset = ""] = match;
  if (month === undefined && hour === undefined) return undefined;
  const dated = month === undefined ? undefined : `${pad(month)}-${pad(date ?? "")}`;
  // Logs are of the past: without a year, December typed in November is last year's.
  const ownYear = dated !== undefined && dated > today.slice(5) ? Number(today.slice(0, 4)) - 1 : today.slice(0, 4);
  const shown = dated === undefined ? day : `${year ?? ownYear}-${dated}`;
  if (hour === undefined) return `${shown}${offset.toUpperCase()}`;
  const seconds = second === undefined ? "" : `:${second}${fraction === undefined ? "" : `.${fraction}`}`;
  return `${shown}T${pad(hour)}:${minute}${seconds}${offset.toUpperCase()}`;
}

function dayOf(time: number, timeZone: string): string {
  return formatTime(new Date(time).toISOString(), timeZone).slice(0, 10);
}

function pad(number: string | number): string {
  return String(number).padStart(2, "0");
}

/** Returns the effect of a clock change on a time without an offset. */
function clockNote(iso: string, timeZone: string): TypedTime["note"] {
  if (iso.length === 10 || /(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10))) return undefined;
  const taken = parseRangeStart(iso, timeZone);
  if (taken === undefined) return undefined;
  const length = Math.min(iso.length, 19);
  const localText = (at: string) => formatTime(at, timeZone).replace("T", " ").slice(0, length);
  const typed = iso.replace("T", " ").slice(0, length);
  if (localText(taken) !== typed) return { kind: "skipped", taken: localText(taken) };
  const isTwice = CLOCK_CHANGES_MS.some(
    (change) => localText(new Date(Date.parse(taken) + change).toISOString()) === typed,
  );
  return isTwice ? { kind: "twice" } : undefined;
}

/** The amounts by which zones set their clocks back. */
const CLOCK_CHANGES_MS = [3_600_000, 1_800_000, 7_200_000];
