import { isOutage } from "../outage";

/** Failures are remembered of so many claims; there are as many as lanes. */
const MAX_REMEMBERED = 1_000;

/**
 * How often this process has failed to store the events from a certain one on. The table cannot count that: what a
 * failed transaction writes is gone with it.
 */
export function makeAttempts() {
  const failures = new Map<string, number>();
  return {
    /** Runs `work` with the number of this attempt. */
    async of(firstSeq: string, work: (attempt: number) => Promise<void>): Promise<void> {
      const failed = failures.get(firstSeq) ?? 0;
      try {
        await work(failed + 1);
        failures.delete(firstSeq);
      } catch (error) {
        if (!isOutage(error)) {
          if (failures.size >= MAX_REMEMBERED) failures.clear();
          failures.set(firstSeq, failed + 1);
        }
        throw error;
      }
    },
  };
}
