import { AppError } from "@/server/lib/errors";
import { type Principal, principalKey } from "@/server/process/context";

// One per process, although Next.js bundles this module once per route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsolePlaces?: Map<string, number> };

/** A limit on concurrent operations of a principal. */
export interface SlotLimit {
  readonly name: string;
  readonly max: number;
  /** The error when all slots are in use. */
  readonly code: "rate.previews" | "rate.streams";
}

const RETRY_SECONDS = 5;

/** The number of slots that a principal uses in this process. */
export function slotsInUse({ name }: SlotLimit, principal: Principal): number {
  return holder.__batchConsolePlaces?.get(`${name} ${principalKey(principal)}`) ?? 0;
}

/**
 * Acquires a slot for a principal in this process.
 * @returns a function that releases it; further calls do nothing
 * @throws AppError TOO_MANY_REQUESTS when all are in use
 */
export function acquireSlot(place: SlotLimit, principal: Principal): () => void {
  holder.__batchConsolePlaces ??= new Map();
  const taken = holder.__batchConsolePlaces;
  const key = `${place.name} ${principalKey(principal)}`;
  const before = taken.get(key) ?? 0;
  if (before >= place.max) {
    throw new AppError(place.code, { max: place.max }, { retryAfter: RETRY_SECONDS });
  }
  taken.set(key, before + 1);
  let isTaken = true;
  return () => {
    if (!isTaken) return;
    isTaken = false;
    const left = (taken.get(key) ?? 1) - 1;
    if (left > 0) taken.set(key, left);
    else taken.delete(key);
  };
}
