interface LocalTime {
  readonly date: string;
  readonly hour: number;
  readonly weekday: number;
  readonly minute: number;
}

const localTimes = new Map<string, LocalTime>();

/** Remembered, because a month is searched in steps of quarters of an hour. */
export function local(micros: bigint, zone: string): LocalTime {
  const key = `${zone} ${micros / 60_000_000n}`;
  const known = localTimes.get(key);
  if (known) return known;
  const found = readClock(micros, zone);
  localTimes.set(key, found);
  return found;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function readClock(micros: bigint, zone: string): LocalTime {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  clocks.set(zone, clock);
  const parts = Object.fromEntries(
    clock.formatToParts(new Date(Number(micros / 1_000n))).map(({ type, value }) => [type, value]),
  );
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return {
    date,
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    weekday: ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1,
  };
}

/** The start of the bucket: found by going back in time while the clock shows the same hour or date. */
export function bucketOf(micros: bigint, width: string, zone: string): string {
  const minute = 60_000_000n;
  let at = micros - (micros % minute);
  if (width === "1h") return instantOf(at - BigInt(local(at, zone).minute) * minute);
  const { date, weekday } = local(at, zone);
  const back = new Date(`${date}T00:00:00Z`);
  const days = width === "1w" ? weekday - 1 : width === "1M" ? back.getUTCDate() - 1 : 0;
  const first = new Date(back.getTime() - days * 86_400_000).toISOString().slice(0, 10);
  at -= at % (15n * minute);
  while (local(at - 15n * minute, zone).date >= first) at -= 15n * minute;
  return instantOf(at);
}

export function microsOf(time: string): bigint {
  return (
    BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000n +
    BigInt((time.slice(20).replace("Z", "") || "0").padEnd(6, "0"))
  );
}

export function instantOf(micros: bigint): string {
  return `${new Date(Number(micros / 1_000n)).toISOString().slice(0, 19)}.${String(micros % 1_000_000n).padStart(6, "0")}Z`;
}
