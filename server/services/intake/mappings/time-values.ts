import type { DurationUnit } from "@/server/catalog";
import type { Instant } from "@/server/lib/time";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LOCAL = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: ([+-]\d\d)(\d\d))?$/;

// Lines are in order of time, so most have the same second as the previous one.
let lastText = "";
let lastTime: string | undefined;

/** Converts `10/Oct/2000:13:55:36 -0700` to ISO 8601; undefined for other text. */
export function readLocalTime(text: string): string | undefined {
  if (text === lastText) return lastTime;
  const [, day, monthName = "", year, clock, hours = "", minutes = ""] = LOCAL.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName) + 1;
  const offset = hours === "" ? "" : `${hours}:${minutes}`;
  lastText = text;
  lastTime = month === 0 ? undefined : `${year}-${String(month).padStart(2, "0")}-${day}T${clock}${offset}`;
  return lastTime;
}

const EPOCH = /^(-?)(\d{1,19})(?:\.(\d{1,9}))?$/;
const DIGITS = { s: 0, ms: 3, us: 6, ns: 9 } as const satisfies Record<DurationUnit, number>;

/** Converts a number of units since 1970 exactly, to microseconds; undefined if it is not a number. */
export function readEpoch(value: unknown, unit: DurationUnit): Instant | undefined {
  const text = typeof value === "number" ? decimalOf(value) : typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  const [, sign, whole = "", fraction = ""] = EPOCH.exec(text.trim()) ?? [];
  if (whole === "") return undefined;
  const nanos = BigInt(whole + fraction.padEnd(9, "0")) / 10n ** BigInt(DIGITS[unit]);
  const micros = (sign === "-" ? -nanos : nanos) / 1_000n;
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  const date = new Date(Number(seconds) * 1_000);
  if (Number.isNaN(date.getTime())) return undefined;
  const rest = String(micros - seconds * 1_000_000n).padStart(6, "0");
  return `${date.toISOString().slice(0, -5)}.${rest}Z`;
}

/** A number of seconds has at most six significant fractional digits. */
function decimalOf(value: number): string {
  return Number.isInteger(value) ? value.toFixed(0) : value.toFixed(6);
}

const MILLISECONDS = { s: 1_000, ms: 1, us: 1 / 1_000, ns: 1 / 1_000_000 } as const satisfies Record<
  DurationUnit,
  number
>;
const NUMBER = /^\s*[+-]?\d{1,15}(?:\.\d{1,15})?\s*$/;

/** Converts a duration to whole milliseconds, at least 1 unless it is 0; undefined if it is not a number. */
export function readMilliseconds(value: unknown, unit: DurationUnit): number | undefined {
  const number =
    typeof value === "number" ? value : typeof value === "string" && NUMBER.test(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  const milliseconds = number * MILLISECONDS[unit];
  return milliseconds > 0 ? Math.max(1, Math.round(milliseconds)) : Math.ceil(milliseconds);
}
