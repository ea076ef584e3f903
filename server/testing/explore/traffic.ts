/** What generators of log rows have in common. Only for tests. */

export const FIELDS = [
  ...["route", "request_path", "ip_address", "ip_block", "user_id", "session_id", "user_agent", "browser", "os"],
  ...["device_type", "is_bot", "referer_host", "country", "region", "city", "status_code", "status_class"],
] as const;
export type Field = (typeof FIELDS)[number];

export interface IncidentRow {
  readonly values: Readonly<Record<Field, string | null>>;
  /** 0 for the window, 1 to SLICES for the baseline, then the day before. */
  readonly period: number;
  readonly status: number;
  readonly time: number;
}

export type Random = () => number;

/** Traffic in which incidents happen. */
export interface World {
  /** Requests of one visitor that belong together. @param parts the number of parts of the baseline */
  readonly visit: (period: number, parts: number) => Iterable<IncidentRow>;
  /** Requests in the window of a visitor who was never there before. */
  readonly stranger: () => Iterable<IncidentRow>;
  /** The rows of the day before, relative to other days; by default 0.8 to 1.3. */
  readonly dayBefore?: number;
  /** Whether a value is only chosen as a cause if several visitors have it, because it is the visitor otherwise. */
  readonly hasFewVisitors?: boolean;
}

/** Pseudo-random numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The row with its status as fields. */
export function rowOf(row: IncidentRow): IncidentRow {
  const status = String(row.status);
  return { ...row, values: { ...row.values, status_code: status, status_class: `${status[0]}xx` } };
}

export function chooseFrom<T>(random: Random, list: readonly T[], skew = 0): T {
  const chosen = list[Math.floor(random() ** (1 + skew) * list.length)];
  if (chosen === undefined) throw new Error("The list is empty.");
  return chosen;
}
