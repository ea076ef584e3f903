import { setImmediate as nextTurn } from "node:timers/promises";

/** Maximum milliseconds of work before other tasks can run. */
const SLICE_MS = 20;

export type TimeSlice = () => Promise<void> | undefined;

/**
 * Creates a function that long-running work calls between its steps. It returns a promise to await if the current time
 * slice of the event loop is used up, otherwise undefined.
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
