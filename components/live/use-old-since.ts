"use client";

import { useQueueWatch } from "./queue-watch";

/** When the live figures were read, if they are not updated at present; otherwise null. */
export function useLiveOldSince(): number | null {
  const { connection, updatedAt } = useQueueWatch();
  return isCutOff(connection) ? updatedAt : null;
}

/** When the data of a query was read, if reading it again failed or the server is cut off; otherwise null. */
export function useOldSince(query: {
  readonly data: unknown;
  readonly error: unknown;
  readonly dataUpdatedAt: number;
}): number | null {
  const { connection } = useQueueWatch();
  if (query.data === undefined) return null;
  return query.error !== null || isCutOff(connection) ? query.dataUpdatedAt : null;
}

/** Whether the figures of the server are not updated at present. */
export function isCutOff(connection: ReturnType<typeof useQueueWatch>["connection"]): boolean {
  return connection === "down" || connection === "reconnecting";
}
