import type { Transaction } from "@/server/db/client";
import { causeCode } from "@/server/lib/errors";
import { isOutage } from "@/server/queue/outage";

/** An event that cannot be stored, and why. */
export interface Culprit {
  readonly position: number;
  /** SQLSTATE, or the name of the exception. */
  readonly code: string;
}

/**
 * Stores a claim in parts after it failed repeatedly as a whole: each part in a savepoint, bisecting failed parts until
 * the events that cannot be stored are isolated.
 * @param store stores the events in a range of positions (end exclusive)
 * @returns the events that cannot be stored
 * @throws the first failure during an outage, or when every event fails, since the cause is then unlikely to be the
 * events
 */
export async function isolateCulprits(
  tx: Transaction,
  count: number,
  store: (tx: Transaction, from: number, to: number) => Promise<void>,
): Promise<Culprit[]> {
  const culprits: Culprit[] = [];
  const failures: unknown[] = [];
  const attempt = async (from: number, to: number): Promise<void> => {
    try {
      await tx.savepoint((savepoint) => store(savepoint, from, to));
    } catch (error) {
      if (isOutage(error)) throw error;
      if (to - from === 1) {
        culprits.push({ position: from, code: codeOf(error) });
        failures.push(error);
        return;
      }
      const middle = (from + to) >> 1;
      await attempt(from, middle);
      await attempt(middle, to);
    }
  };
  await attempt(0, count);
  if (culprits.length === count && !failures.every(isOfValue)) throw failures[0];
  return culprits;
}

/** Data exceptions (22), constraints (23), program limits (54), exceptions raised by triggers (P0001). */
function isOfValue(error: unknown): boolean {
  return /^(22|23|54|P0)/.test(causeCode(error) ?? "");
}

function codeOf(error: unknown): string {
  return causeCode(error) ?? (error instanceof Error ? error.name : "unknown");
}
