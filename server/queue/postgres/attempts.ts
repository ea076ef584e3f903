import { isConnectionLost, isOutage } from "../outage";

/** Maximum number of claims with recorded failures. Far more than there are lanes. */
const MAX_REMEMBERED = 1_000;

/**
 * Counts failed attempts to store a claim, by its first event, in this process. A table cannot count them, because a
 * failed transaction rolls its writes back.
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
        if (!isOutage(error) || isConnectionLost(error)) {
          if (failures.size >= MAX_REMEMBERED) failures.clear();
          failures.set(firstSeq, failed + 1);
        }
        throw error;
      }
    },
  };
}
