import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { Sql, Transaction } from "@/server/db/client";
import { causeCode } from "@/server/lib/errors";
import type { Claim } from "@/server/queue/log-queue";
import { isConnectionLost, isOutage } from "@/server/queue/outage";

/** A connection may be lost by chance, so the loss is attributed to a single event only if it recurs. */
const CONFIRMATIONS = 3;
/** Maximum number of remembered losses. Isolating one event requires about 12. */
const MAX_REMEMBERED = 10_000;

const ROLLED_BACK = new Error("The events can be stored; the trial is rolled back.");

/**
 * Lost connections by claim and range of positions. They are remembered in this process, because an event that crashes
 * PostgreSQL ends the claim's own connection too, on each attempt.
 */
const losses = new Map<string, readonly unknown[]>();

/**
 * Stores a claim in parts after it failed repeatedly as a whole, bisecting failed parts until the events that cannot be
 * stored are isolated. Each part is first stored in a transaction of its own, which is rolled back: an event may also
 * end its connection.
 * @param options.tx the claim's transaction, which shows meanwhile that PostgreSQL and this consumer respond
 * @param options.store stores the events in a range of positions (end exclusive)
 * @param options.storeOther stores an event unrelated to the claim
 * @returns the positions of the events that cannot be stored, and why
 * @throws the first failure during an outage, or when every event and an unrelated one fail, since the cause is then
 * unlikely to be the events
 */
export async function isolateCulprits(options: {
  tx: Transaction;
  pool: Sql;
  claim: Claim;
  store: (tx: Transaction, from: number, to: number) => Promise<void>;
  storeOther: (tx: Transaction) => Promise<void>;
}): Promise<Map<number, ErrorValue>> {
  const { tx, pool, claim, store, storeOther } = options;
  const parts: [from: number, to: number][] = [];
  const failures = new Map<number, unknown>();

  const failureOf = async (work: (trial: Transaction) => Promise<void>, onLoss = (_: unknown) => {}) => {
    const failure: unknown = await pool
      .begin(async (trial) => {
        await work(trial);
        // Otherwise deferred triggers would run at the claim's commit only.
        await trial`set constraints all immediate`;
        throw ROLLED_BACK;
      })
      .catch((error: unknown) => error);
    if (isConnectionLost(failure)) onLoss(failure);
    else if (isOutage(failure)) throw failure;
    await tx`select`;
    return failure === ROLLED_BACK ? undefined : failure;
  };
  const trialOf = async (from: number, to: number): Promise<unknown> => {
    const key = `${claim.id} ${from} ${to}`;
    const lost = [...(losses.get(key) ?? [])];
    while (lost.length < (to - from === 1 ? CONFIRMATIONS : 1)) {
      const failure = await failureOf(
        (trial) => store(trial, from, to),
        (error) => {
          lost.push(error);
          if (losses.size >= MAX_REMEMBERED) losses.clear();
          losses.set(key, lost);
        },
      );
      if (!isConnectionLost(failure)) return failure;
    }
    return lost.at(-1);
  };
  const search = async (from: number, to: number): Promise<void> => {
    const failure = await trialOf(from, to);
    if (failure === undefined) parts.push([from, to]);
    else if (to - from === 1) failures.set(from, failure);
    else {
      const middle = (from + to) >> 1;
      await search(from, middle);
      await search(middle, to);
    }
  };

  const count = claim.payloads.length;
  await search(0, count);
  if (
    failures.size === count &&
    ![...failures.values()].every(isOfValue) &&
    (await failureOf(storeOther)) !== undefined
  ) {
    throw failures.get(0);
  }
  for (const [from, to] of parts) await store(tx, from, to);
  return new Map([...failures].map(([position, failure]) => [position, reasonOf(failure)]));
}

/** Data exceptions (22), constraints (23), program limits (54), exceptions raised by triggers (P0001). */
function isOfValue(error: unknown): boolean {
  return /^(22|23|54|P0)/.test(causeCode(error) ?? "");
}

function reasonOf(error: unknown): ErrorValue {
  const code = causeCode(error) ?? (error instanceof Error ? error.name : "unknown");
  return errorValue(isConnectionLost(error) ? "event.ends_connection" : "event.refused", { field: "event", code });
}
