const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  let found = formatters.get(timeZone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formatters.set(timeZone, found);
  }
  return found;
}

/**
 * Formats a time in the notation of logs, the same in every language: `2026-11-22 20:06:18.123`.
 * @param iso ISO 8601 with `Z`, up to microseconds; other text is returned unchanged
 * @param precision the last part shown
 */
export function formatTime(iso: string, timeZone: string, precision: "ms" | "s" | "time" = "s"): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return iso;
  const part = Object.fromEntries(
    formatter(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const clock = `${part.hour}:${part.minute}:${part.second}`;
  if (precision === "time") return clock;
  const seconds = `${(part.year ?? "").padStart(4, "0")}-${part.month}-${part.day} ${clock}`;
  if (precision === "s") return seconds;
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? "";
  return `${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}`;
}

/**
 * Formats the exclusive end of a period as the last day, minute or second that belongs to it, as it was entered:
 * `2026-12-31` for the midnight after it.
 */
export function formatEnd(iso: string, timeZone: string): string {
  const end = Date.parse(iso);
  if (Number.isNaN(end) || !/\.0+Z$|:\d\dZ$/.test(iso)) return formatTime(iso, timeZone);
  const last = formatTime(new Date(end - 1_000).toISOString(), timeZone);
  const [, clock = ""] = formatTime(iso, timeZone).split(" ");
  if (clock === "00:00:00") return last.slice(0, 10);
  return clock.endsWith(":00") ? last.slice(0, 16) : last;
}
