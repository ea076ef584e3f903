import type { Principal } from "@/server/process/context";
import { acquireSlot, type SlotLimit, slotsInUse } from "@/server/services/rate-limits";

/** Browsers open six connections to a server, and hidden tabs close their streams. */
export const MAX_STREAMS = 5;

const STREAMS: SlotLimit = {
  name: "streams",
  max: MAX_STREAMS,
  code: "rate.streams",
};

/** How many streams a principal has open at this process. */
export function openStreams(principal: Principal): number {
  return slotsInUse(STREAMS, principal);
}

/**
 * Counts a stream that is opened: each asks PostgreSQL again and again for as long as it is open.
 * @returns what counts it as closed, once
 * @throws AppError TOO_MANY_REQUESTS when the principal has MAX_STREAMS open
 */
export function openStream(principal: Principal): () => void {
  return acquireSlot(STREAMS, principal);
}
