import type { Transaction } from "@/server/db/client";
import { causeCode } from "@/server/lib/errors";
import { isOutage } from "@/server/queue/outage";

/** An event that cannot be stored, and why. */
export interface Culprit {
  readonly position: number;
  /** SQLSTATE, or the name of what the code threw. */
  readonly code: string;
}

/**
 * Stores what a claim has, part by part, where storing it whole failed again and again: each part in a savepoint, and
 * one that fails in halves, until the events that cannot be stored stand alone.
 * @param store stores the events from one position to before another
 * @returns those that cannot be stored
 * @throws the first failure when it is an outage, or when every event fails: then it is hardly the events' fault
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

/** Data exceptions (22), constraints (23), program limits (54), what a trigger raises (P0001). */
function isOfValue(error: unknown): boolean {
  return /^(22|23|54|P0)/.test(causeCode(error) ?? "");
}

function codeOf(error: unknown): string {
  return causeCode(error) ?? (error instanceof Error ? error.name : "unknown");
}
