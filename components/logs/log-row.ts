import type { RouterOutputs } from "../trpc";

export type LogRow = RouterOutputs["logs"]["page"]["items"][number];

/** Returns the key of a row, also used in the URL: the primary key. An ID can occur again at another time. */
export function rowKey(row: { created_at: string; id: string }): string {
  return `${row.created_at}~${row.id}`;
}

/** Parses a key into its parts; null if it is invalid. */
export function parseRowKey(key: string): { created_at: string; id: string } | null {
  const [created_at, id, ...rest] = key.split("~");
  return created_at && id && rest.length === 0 ? { created_at, id } : null;
}
