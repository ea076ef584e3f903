const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;
/** What was not tried again for so long after its pause no longer exists. */
const FORGET_MS = 3_600_000;

/** What failed and is not tried again for a while, which is longer after each failure. */
export interface Retries {
  /** The keys that are not tried now. */
  waiting(): string[];
  failed(keys: readonly string[]): void;
  succeeded(keys: readonly string[]): void;
  isEmpty(): boolean;
}

export function makeRetries(now = () => performance.now()): Retries {
  const entries = new Map<string, { pauseMs: number; until: number }>();
  return {
    waiting() {
      for (const [key, { until }] of entries) if (now() > until + FORGET_MS) entries.delete(key);
      return [...entries].filter(([, { until }]) => now() < until).map(([key]) => key);
    },
    failed(keys) {
      for (const key of keys) {
        const pauseMs = Math.min((entries.get(key)?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, MAX_PAUSE_MS);
        entries.set(key, { pauseMs, until: now() + pauseMs });
      }
    },
    succeeded(keys) {
      for (const key of keys) entries.delete(key);
    },
    isEmpty: () => entries.size === 0,
  };
}
