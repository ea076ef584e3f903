import QuickLRU from "quick-lru";
import type { Cache } from "./cache";

/** With texts of at most 64 KB: never more than 32 MB. */
const MAX_ENTRIES = 250;

/** The cache of one process. */
export function createMemoryCache(): Cache {
  const entries = new QuickLRU<string, string>({ maxSize: MAX_ENTRIES });
  return {
    get: async (key) => entries.get(key),
    set: async (key, text, seconds) => {
      entries.set(key, text, { maxAge: seconds * 1_000 });
    },
    close: async () => entries.clear(),
  };
}
