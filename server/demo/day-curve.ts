const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CHINA_OFFSET_HOURS = 8;

/** Requests per hour of a working day in China, relative to the busiest hour. */
const BY_HOUR = [
  0.12, 0.07, 0.05, 0.04, 0.05, 0.08, 0.18, 0.36, 0.66, 0.92, 1, 0.94, 0.68, 0.7, 0.9, 0.98, 0.95, 0.84, 0.62, 0.56,
  0.58, 0.52, 0.38, 0.22,
];

function shareAt(time: number): number {
  const hours = time / HOUR_MS + CHINA_OFFSET_HOURS;
  const hour = Math.floor(hours) % 24;
  const [from = 0, to = 0] = [BY_HOUR[hour], BY_HOUR[(hour + 1) % 24]];
  return from + (to - from) * (hours - Math.floor(hours));
}

function minutes(start: number, end: number): { at: number; length: number; weight: number }[] {
  const list = [];
  for (let at = start; at < end; at += MINUTE_MS) {
    const length = Math.min(MINUTE_MS, end - at);
    list.push({ at, length, weight: shareAt(at) * length });
  }
  return list;
}

/** Returns the share of a day's traffic between two times (ms since 1970). */
export function partOfDay(start: number, end: number): number {
  const sum = (from: number, to: number) => minutes(from, to).reduce((total, minute) => total + minute.weight, 0);
  return sum(start, end) / sum(end - 24 * HOUR_MS, end);
}

/** Yields exactly `count` ascending times from `start` to `end`, distributed according to the day curve. */
export function* timesBetween(count: number, start: number, end: number, next: () => number): Generator<number> {
  const list = minutes(start, end);
  const total = list.reduce((sum, minute) => sum + minute.weight, 0);
  let passed = 0;
  let yielded = 0;
  for (const minute of list) {
    passed += minute.weight;
    const due = minute === list.at(-1) ? count : Math.round((passed / total) * count);
    const offsets = Array.from({ length: due - yielded }, () => next() * minute.length).sort((a, b) => a - b);
    for (const offset of offsets) yield minute.at + offset;
    yielded = due;
  }
}
