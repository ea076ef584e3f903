import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds of work before others have their turn. */
const SLICE_MS = 20;

export type TimeSlice = () => Promise<void> | undefined;

/**
 * Makes the function that long work calls between its steps: it gives a promise to wait for where the work has used up
 * its slice of the event loop, and undefined where it may go on at once.
 */
export function makeTimeSlice(): TimeSlice {
  let end = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < end) return undefined;
    return nextTurn().then(() => {
      end = performance.now() + SLICE_MS;
    });
  };
}
