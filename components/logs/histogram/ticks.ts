import { formatTime } from "../../ui/time";
import type { Bucket } from "./buckets";

export interface Tick {
  index: number;
  label: string;
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
/** Seconds between labels; all divide a day, so that they fall on the same clock times each day. */
const STEPS = [5, 10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY];

/**
 * Returns labels under the bars at round times of `timeZone`: clock times, and dates at the start of a day.
 * @param max the maximum number of labels
 */
export function ticksOf(buckets: readonly Bucket[], bucketSeconds: number, timeZone: string, max: number): Tick[] {
  const times = buckets.map(({ at }, index) => {
    const text = formatTime(at, timeZone);
    const [hours = 0, minutes = 0, seconds = 0] = text.slice(11).split(":").map(Number);
    return { index, text, secondOfDay: hours * HOUR + minutes * MINUTE + seconds };
  });
  if (bucketSeconds < DAY) {
    for (const step of STEPS) {
      if (step < bucketSeconds) continue;
      const found = times.filter(({ secondOfDay }) => secondOfDay % step === 0);
      if (found.length <= max) return found.map(({ index, text }) => ({ index, label: clockLabel(text, step) }));
    }
  }
  const days = times.filter(({ secondOfDay }, index) => bucketSeconds >= DAY || secondOfDay === 0 || index === 0);
  const every = Math.max(1, Math.ceil(days.length / Math.max(1, max)));
  const isYears = buckets.length * bucketSeconds > 300 * DAY;
  return days
    .filter((_, index) => index % every === 0)
    .map(({ index, text }) => ({ index, label: isYears ? text.slice(0, 7) : text.slice(5, 10) }));
}

function clockLabel(text: string, step: number): string {
  if (text.endsWith("00:00:00")) return text.slice(5, 10);
  return step < MINUTE ? text.slice(11) : text.slice(11, 16);
}
