import { AppError } from "@/server/lib/errors";
import { type Principal, principalKey } from "@/server/process/context";

// One a process, whatever Next bundles anew for each route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsolePlaces?: Map<string, number> };

/** What a principal may do a few times at once. */
export interface Place {
  readonly name: string;
  readonly max: number;
  /** What is answered when there is no more. */
  readonly refusal: string;
}

const RETRY_SECONDS = 5;

/** How many places a principal has taken at this process. */
export function placesTaken({ name }: Place, principal: Principal): number {
  return holder.__batchConsolePlaces?.get(`${name} ${principalKey(principal)}`) ?? 0;
}

/**
 * Takes a place of a principal at this process.
 * @returns what gives it back, once
 * @throws AppError TOO_MANY_REQUESTS when all are taken
 */
export function takePlace(place: Place, principal: Principal): () => void {
  holder.__batchConsolePlaces ??= new Map();
  const taken = holder.__batchConsolePlaces;
  const key = `${place.name} ${principalKey(principal)}`;
  const before = taken.get(key) ?? 0;
  if (before >= place.max) throw new AppError("TOO_MANY_REQUESTS", place.refusal, { retryAfter: RETRY_SECONDS });
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
