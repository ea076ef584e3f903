import type { TimePoint } from "../charts/time-point";
import type { QueueHistory } from "../live/queue-watch";

export type Point = QueueHistory[number]["points"][number];

const BUCKET_SECONDS = 10;

/** Events per second in 10 seconds. */
export interface Rate extends TimePoint {
  inserted: number;
  duplicates: number;
  dead: number;
  dropped: number;
}

/**
 * Converts points to rates. The last point is incomplete and omitted, because every chart would end in a drop. A replay
 * removes dead letters, which is not shown as a negative rate.
 */
export function ratesOf(points: readonly Point[]): Rate[] {
  const perSecond = (events: number) => Math.max(0, events) / BUCKET_SECONDS;
  return points.slice(0, -1).map(({ at, inserted, duplicates, dead, dropped }) => ({
    at,
    end: new Date(Date.parse(at) + BUCKET_SECONDS * 1_000).toISOString(),
    inserted: perSecond(inserted),
    duplicates: perSecond(duplicates),
    dead: perSecond(dead),
    dropped: perSecond(dropped),
  }));
}
