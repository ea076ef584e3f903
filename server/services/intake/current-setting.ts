import type { LogTableName } from "@/server/catalog";
import type { Database } from "@/server/db/client";
import { within } from "@/server/lib/within";
import type { Context } from "@/server/process/context";

/** How often a process that takes in events looks for a changed setting. */
const CHECK_MS = 2_000;
/**
 * A setting that was not checked for longer is checked before it is used, except while PostgreSQL does not respond.
 */
const MAX_AGE_MS = 6_000;
const MAX_WAIT_MS = 2_000;

interface Known<T> {
  value: T;
  /** When it was read, and when reading was last started, in milliseconds of performance.now(). */
  readAt: number;
  startedAt: number;
  reading?: Promise<void>;
}

type SettingContext = Pick<Context, "config" | "db">;

interface CurrentSetting<T> {
  /**
   * The setting of a table, as of a few seconds ago. While PostgreSQL is unavailable, the last known one.
   * @throws database errors if it was never read
   */
  current(ctx: SettingContext, table: LogTableName): Promise<T>;
  /** Makes the next event of this process read the settings again. */
  expire(db: Database): void;
}

/**
 * Creates the cache of a setting of log tables that every batch of events needs.
 * @param read returns `last` if it is still the current version
 */
export function makeCurrentSetting<T extends { readonly version: number }>(
  read: (ctx: SettingContext, table: LogTableName, last: T | undefined) => Promise<T>,
): CurrentSetting<T> {
  const known = new WeakMap<Database, Map<string, Known<T>>>();

  const current = async (ctx: SettingContext, table: LogTableName): Promise<T> => {
    const tables = known.get(ctx.db) ?? new Map<string, Known<T>>();
    known.set(ctx.db, tables);
    const key = `${table} ${ctx.config.timeZone}`;
    const entry = tables.get(key);
    const now = performance.now();
    if (!entry) {
      const value = await read(ctx, table, undefined);
      tables.set(key, { value, readAt: performance.now(), startedAt: now });
      return value;
    }
    if (now - entry.startedAt >= CHECK_MS) {
      entry.startedAt = now;
      entry.reading ??= read(ctx, table, entry.value)
        .then((value) => {
          entry.readAt = performance.now();
          // One that started before a change may end after one that started later.
          if (value.version >= entry.value.version) entry.value = value;
        })
        .catch(() => {})
        .finally(() => {
          entry.reading = undefined;
        });
      if (now - entry.readAt > MAX_AGE_MS) await within(entry.reading, MAX_WAIT_MS);
    }
    return entry.value;
  };

  const expire = (db: Database) => {
    for (const entry of known.get(db)?.values() ?? []) {
      entry.startedAt = Number.NEGATIVE_INFINITY;
      entry.readAt = Number.NEGATIVE_INFINITY;
      entry.reading = undefined;
    }
  };

  return { current, expire };
}
