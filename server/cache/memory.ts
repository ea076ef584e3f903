import QuickLRU from "quick-lru";
import type { Cache } from "./cache";

/** With texts of at most 64 KB, the cache uses at most 32 MB. */
const MAX_ENTRIES = 250;

/** Creates a cache in the memory of this process. */
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
