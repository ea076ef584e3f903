import { type Principal, principalKey } from "@/server/context";
import { AppError } from "@/server/errors";

/** Browsers open six connections to a server, and hidden tabs close their streams. */
export const MAX_STREAMS = 5;

// One a process, whatever Next bundles anew for each route (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleStreams?: Map<string, number> };

/** How many streams a principal has open at this process. */
export function openStreams(principal: Principal): number {
  return holder.__batchConsoleStreams?.get(principalKey(principal)) ?? 0;
}

/**
 * Counts a stream that is opened: each asks PostgreSQL again and again for as long as it is open.
 * @returns what counts it as closed, once
 * @throws AppError TOO_MANY_REQUESTS when the principal has MAX_STREAMS open
 */
export function openStream(principal: Principal): () => void {
  holder.__batchConsoleStreams ??= new Map();
  const counts = holder.__batchConsoleStreams;
  const key = principalKey(principal);
  const open = counts.get(key) ?? 0;
  if (open >= MAX_STREAMS) {
    throw new AppError("TOO_MANY_REQUESTS", `At most ${MAX_STREAMS} live streams at a time. Close one first.`, {
      retryAfter: 5,
    });
  }
  counts.set(key, open + 1);
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    const left = (counts.get(key) ?? 1) - 1;
    if (left > 0) counts.set(key, left);
    else counts.delete(key);
  };
}
