import { type Instant, instantFromEpoch, parseInstant } from "./time";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MAX_LENGTH = 64;

const EPOCH = /^-?(\d{9,19})(?:\.\d{1,9})?$/;
const CLOCK = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`;
/** An offset, optionally followed by the zone's name, as written by Go and others. */
const ZONE = String.raw`(?:\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?:\s+\(?[A-Z]{2,5}\)?)?)?`;
/** `2024/1/31 8:00`, Excel's date format. */
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+${CLOCK})?${ZONE}$`, "i");
/** `2024年1月31日 8:00`, Excel's long date format. */
const CHINESE = new RegExp(String.raw`^(\d{4})年(\d{1,2})月(\d{1,2})日\s*(?:${CLOCK})?${ZONE}$`, "i");
/** `26/Jun/2023:14:24:53 +0800` of web servers, `Mon, 26 Jun 2023 14:24:53 GMT` of HTTP. */
const MONTH_NAMED = new RegExp(
  String.raw`^\[?(?:[a-z]{3,9},? )?(\d{1,2})([-/ ])([a-z]{3})[a-z]{0,6}\2(\d{4})[:T ]+${CLOCK}${ZONE}\]?$`,
  "i",
);
/** `Mon Jun 26 14:24:53 2023`, the format of C's asctime. */
const C_TIME = new RegExp(String.raw`^\[?[a-z]{3} ([a-z]{3}) {1,2}(\d{1,2}) ${CLOCK}${ZONE} (\d{4})\]?$`, "i");

/**
 * Parses times in the formats of event producers and spreadsheets: ISO 8601; seconds, milliseconds, microseconds or
 * nanoseconds since 1970, distinguished by magnitude; and dates that start with the year (`2024/1/31 8:00`) or contain
 * the month's name (`26/Jun/2023:14:24:53 +0800`). Times without an offset are in `timeZone`. `1/2/2024` is rejected
 * because its order is ambiguous.
 */
export function parseEventTime(text: string, timeZone: string): Instant | undefined {
  const iso = parseInstant(text, timeZone);
  if (iso !== undefined || text.length > MAX_LENGTH) return iso;
  const epoch = EPOCH.exec(text);
  // Nanoseconds exceed the precision of a number; microseconds are sufficient.
  if (epoch) return instantFromEpoch(Number(epoch[1] && epoch[1].length >= 18 ? epoch[1].slice(0, -3) : text));
  const written = toIsoText(text);
  return written === undefined ? undefined : parseInstant(written, timeZone);
}

/** Converts a time in another format to ISO 8601. @returns undefined if no format matches */
function toIsoText(text: string): string | undefined {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) {
    const [, year = "", , month = "", day = "", ...rest] = yearFirst;
    return iso(year, month, day, rest);
  }
  const chinese = CHINESE.exec(text);
  if (chinese) {
    const [, year = "", month = "", day = "", ...rest] = chinese;
    return iso(year, month, day, rest);
  }
  const named = MONTH_NAMED.exec(text);
  if (named) {
    const [, day = "", , month = "", year = "", ...rest] = named;
    return iso(year, numberOf(month), day, rest);
  }
  const [, month = "", day = "", hour, minute, second, fraction, zone, year = ""] = C_TIME.exec(text) ?? [];
  return year === "" ? undefined : iso(year, numberOf(month), day, [hour, minute, second, fraction, zone]);
}

/** Returns 0 for an unknown month name, which is not a valid month. */
function numberOf(month: string): string {
  return String(MONTHS.indexOf(month.toLowerCase()) + 1);
}

function iso(year: string, month: string, day: string, clock: readonly (string | undefined)[]): string {
  const [hour, minute = "00", second = "00", fraction = "0", zone = ""] = clock;
  const date = `${year}-${two(month)}-${two(day)}`;
  if (hour === undefined) return date;
  const offset = /^(?:UTC|GMT)$/i.test(zone) ? "Z" : zone;
  return `${date}T${two(hour)}:${minute}:${second}.${fraction}${offset}`;
}

function two(digits: string): string {
  return digits.padStart(2, "0");
}
