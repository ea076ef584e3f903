import { tzOffset } from "@date-fns/tz";

/**
 * An instant as text, `2024-01-31T08:00:00.123456Z`: ISO 8601, UTC, six fractional digits. Instants sort as text and
 * preserve PostgreSQL's microseconds, which JavaScript's Date truncates.
 */
export type Instant = string;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?$/i;
/** The most common format. It needs no calculation, which halves the cost of parsing an event's time. */
const UTC = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;
const INSTANT_LENGTH = "2024-01-31T08:00:00.123456Z".length;
const DAY_SECONDS = 86_400;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Reading {
  /** Whole seconds since 1970 UTC. */
  seconds: number;
  /** 0 to 999,999. */
  micros: number;
  /** Length of the smallest given unit in microseconds. The length of a day depends on clock changes. */
  unit: "day" | number;
  /** Returns the start of the following day. */
  nextDay: () => number;
}

/** The first and last representable Instant. */
const FIRST_INSTANT = "0001-01-01T00:00:00.000000Z";
const LAST_INSTANT = "9999-12-31T23:59:59.999999Z";

/**
 * Parses an ISO 8601 date or time. Without an offset it is in `timeZone`.
 * @returns undefined if the format is invalid or the day or hour does not exist
 */
export function parseInstant(text: string, timeZone: string): Instant | undefined {
  if (UTC.test(text)) {
    if (text[8] !== "0" && Number(text.slice(8, 10)) > daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7))))
      return undefined;
    if (text.startsWith("0000")) return undefined;
    return text.length === INSTANT_LENGTH && text[10] === "T"
      ? text
      : `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -1).slice(0, 6).padEnd(6, "0")}Z`;
  }
  const reading = read(text, timeZone);
  return reading && format(reading.seconds, reading.micros);
}

/**
 * Converts a Unix timestamp in seconds; above 1e11 in milliseconds, above 1e14 in microseconds, above 1e17 in
 * nanoseconds.
 */
export function instantFromEpoch(value: number): Instant | undefined {
  const size = Math.abs(value);
  const micros = Math.round(size < 1e11 ? value * 1e6 : size < 1e14 ? value * 1e3 : size < 1e17 ? value : value / 1e3);
  if (!Number.isSafeInteger(micros)) return undefined;
  const seconds = Math.floor(micros / 1e6);
  return format(seconds, micros - seconds * 1e6);
}

/** Parses the start of a range like parseInstant. Times before the year 1 in UTC are clamped to its start. */
export function parseRangeStart(text: string, timeZone: string): Instant | undefined {
  const reading = read(text, timeZone);
  return reading && clamped(reading.seconds, reading.micros);
}

/**
 * Parses the last time of a range, which is inclusive to its own precision, and returns the exclusive end: `2024-01-31`
 * ends with that day in `timeZone`, `2024-01-31+09:00` with that day at the offset, `…T23:59:59` with that second.
 * Times after the year 9999 in UTC are clamped to its end.
 */
export function parseRangeEnd(text: string, timeZone: string): Instant | undefined {
  const reading = read(text, timeZone);
  if (!reading) return undefined;
  if (reading.unit === "day") return clamped(reading.nextDay(), 0);
  const micros = reading.micros + reading.unit;
  return clamped(reading.seconds + Math.floor(micros / 1e6), micros % 1e6);
}

/** Converts whole seconds since 1970, clamped to the years 1 to 9999. */
export function instantAt(seconds: number): Instant {
  return clamped(seconds, 0);
}

/** Converts a Date to an Instant. */
export function instantOf(date: Date): Instant {
  return `${date.toISOString().slice(0, -1)}000Z`;
}

/** Returns seconds since 1970, accurate to half a microsecond. */
export function secondsOf(instant: Instant): number {
  return Date.parse(`${instant.slice(0, 19)}Z`) / 1_000 + Number(instant.slice(19, -1));
}

/** Returns the calendar date of `instant` in `timeZone`, `2024-01-31`. */
export function localDate(instant: Instant, timeZone: string): string {
  return localTime(instant, timeZone).slice(0, 10);
}

/** Returns the local time of `instant` in `timeZone` to the minute, `2024-01-31 23:59`. */
export function localMinute(instant: Instant, timeZone: string): string {
  return localTime(instant, timeZone).slice(0, 16).replace("T", " ");
}

function localTime(instant: Instant, timeZone: string): string {
  const seconds = Math.floor(secondsOf(instant));
  return new Date((seconds + zoneOffsetSeconds(seconds, timeZone)) * 1_000).toISOString();
}

/** Returns the calendar date `days` later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function read(text: string, timeZone: string): Reading | undefined {
  if (text.length > 40) return undefined;
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, y, mo, d, h, mi, s, fraction, offset] = match;
  const year = Number(y);
  const month = Number(mo);
  const day = Number(d);
  const hour = Number(h ?? 0);
  const minute = Number(mi ?? 0);
  const second = Number(s ?? 0);
  if (year < 1 || month < 1 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;

  const wallClock = wallClockSeconds(year, Date.UTC(year, month - 1, day, hour, minute, second));
  const toEpoch = (local: number) => (offset ? local - offsetSeconds(offset) : localToEpoch(local, timeZone));
  const digits = fraction?.slice(0, 6) ?? "";
  return {
    seconds: toEpoch(wallClock),
    micros: digits === "" ? 0 : Number(digits.padEnd(6, "0")),
    unit: h === undefined ? "day" : s === undefined ? 60e6 : 10 ** (6 - digits.length),
    nextDay: () => toEpoch(wallClock + DAY_SECONDS),
  };
}

/** Date.UTC interprets the years 0 to 99 as 1900 to 1999. */
function wallClockSeconds(year: number, milliseconds: number): number {
  return (year >= 100 ? milliseconds : new Date(milliseconds).setUTCFullYear(year)) / 1000;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return 28;
  return DAYS_IN_MONTH[month - 1] ?? 0;
}

function offsetSeconds(offset: string): number {
  if (offset === "Z" || offset === "z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(":", "") || 0);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** Offsets change at quarter hours at most, so one offset is cached per quarter of an hour. */
const offsetCache = new Map<string, number>();
const OFFSET_CACHE_LIMIT = 50_000;

function zoneOffsetSeconds(epochSeconds: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const quarter = Math.floor(epochSeconds / 900);
  const key = `${timeZone}|${quarter}`;
  let offset = offsetCache.get(key);
  if (offset === undefined) {
    offset = Math.round(tzOffset(timeZone, new Date(quarter * 900_000)) * 60);
    if (offsetCache.size >= OFFSET_CACHE_LIMIT) offsetCache.clear();
    offsetCache.set(key, offset);
  }
  return offset;
}

/**
 * Converts wall-clock seconds in `timeZone` to seconds since 1970. A skipped time uses the offset before the change; a
 * repeated time means its first occurrence.
 */
function localToEpoch(wallClock: number, timeZone: string): number {
  const before = zoneOffsetSeconds(wallClock - 86_400, timeZone);
  if (zoneOffsetSeconds(wallClock - before, timeZone) === before) return wallClock - before;
  const after = zoneOffsetSeconds(wallClock + 86_400, timeZone);
  return zoneOffsetSeconds(wallClock - after, timeZone) === after ? wallClock - after : wallClock - before;
}

function clamped(seconds: number, micros: number): Instant {
  return format(seconds, micros) ?? (seconds < 0 ? FIRST_INSTANT : LAST_INSTANT);
}

function format(seconds: number, micros: number): Instant | undefined {
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) return undefined;
  return `${date.toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}
