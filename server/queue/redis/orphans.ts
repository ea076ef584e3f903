import { Cluster } from "ioredis";
import type { RedisClient } from "./connect";
import type { QueueKeys } from "./keys";

const SCAN_COUNT = 1_000;

/** Returns the IDs of claims whose lists exist, regardless of the other keys. Scans all key names in steps. */
export async function claimIdsOf(client: RedisClient, { claimPrefix }: QueueKeys): Promise<string[]> {
  const ids = new Set<string>();
  for (const node of client instanceof Cluster ? client.nodes("master") : [client]) {
    let cursor = "0";
    do {
      const [next, keys] = await node.scan(cursor, "MATCH", `${claimPrefix}*`, "COUNT", SCAN_COUNT);
      for (const key of keys) ids.add(key.slice(claimPrefix.length));
      cursor = next;
    } while (cursor !== "0");
  }
  return [...ids].filter(isUuid);
}

/** A list whose name has no UUID was not created by this queue and cannot be settled. */
function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
