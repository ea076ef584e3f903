import type { Point } from "./history";

/** The window of the failure rate, in points of 10 seconds, and the incomplete one. */
const POINTS = 31;

/** Returns whether any event was processed in the window of the failure rate. The rate of no events is unknown, not 0. */
export function hasProcessed(points: readonly Point[]): boolean {
  return points.slice(-POINTS).some(({ received }) => received > 0);
}
