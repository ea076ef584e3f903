import type { Principal } from "@/server/process/context";
import { acquireSlot, type SlotLimit, slotsInUse } from "@/server/services/rate-limits";

/** Browsers open at most six connections to a server, and hidden tabs close their streams. */
export const MAX_STREAMS = 5;

const STREAMS: SlotLimit = {
  name: "streams",
  max: MAX_STREAMS,
  code: "rate.streams",
};

/** Returns the number of streams that the principal has open in this process. */
export function openStreams(principal: Principal): number {
  return slotsInUse(STREAMS, principal);
}

/**
 * Counts an opened stream towards the principal's limit, because each open stream queries PostgreSQL repeatedly.
 * @returns a function that counts it as closed
 * @throws AppError TOO_MANY_REQUESTS if the principal already has MAX_STREAMS open
 */
export function openStream(principal: Principal): () => void {
  return acquireSlot(STREAMS, principal);
}
