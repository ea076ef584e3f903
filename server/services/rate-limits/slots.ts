import { AppError } from "@/server/lib/errors";
import { type Principal, principalKey } from "@/server/process/context";

// One per process, although Next.js bundles this module once per route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleSlots?: Map<string, number> };

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
  return holder.__batchConsoleSlots?.get(`${name} ${principalKey(principal)}`) ?? 0;
}

/**
 * Acquires a slot for a principal in this process.
 * @returns a function that releases it; further calls do nothing
 * @throws AppError TOO_MANY_REQUESTS when all are in use
 */
export function acquireSlot(limit: SlotLimit, principal: Principal): () => void {
  holder.__batchConsoleSlots ??= new Map();
  const slots = holder.__batchConsoleSlots;
  const key = `${limit.name} ${principalKey(principal)}`;
  const before = slots.get(key) ?? 0;
  if (before >= limit.max) {
    throw new AppError(limit.code, { max: limit.max }, { retryAfter: RETRY_SECONDS });
  }
  slots.set(key, before + 1);
  let isAcquired = true;
  return () => {
    if (!isAcquired) return;
    isAcquired = false;
    const left = (slots.get(key) ?? 1) - 1;
    if (left > 0) slots.set(key, left);
    else slots.delete(key);
  };
}
