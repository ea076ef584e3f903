/**
 * A cache of short-lived strings. It may evict any entry at any time and never throws, so callers must work without it.
 */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  set(key: string, text: string, seconds: number): Promise<void>;
  close(): Promise<void>;
}
