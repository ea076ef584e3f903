import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Upper bounds of the duration histogram's buckets in seconds; the last bucket is unbounded. */
export const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** The bounds for jobs, which take from milliseconds to hours. */
export const JOB_BOUNDS = [0.1, 1, 5, 15, 60, 300, 900, 3_600, 14_400] as const;

export interface Timer {
  count: number;
  /** Seconds. */
  sum: number;
  min: number;
  max: number;
  /** Number of calls in each bucket. */
  readonly buckets: number[];
}

/** Statistics of this process: durations of requests, batches and jobs, and cache hits. */
interface Tally {
  readonly registry: Registry;
  readonly durations: Histogram<"kind" | "name">;
  /** Since the last call of takeTally, by `kind name`. */
  timers: Map<string, Timer>;
  counts: Map<string, number>;
}

// One per process, shared by all bundles (see context.ts).
const holder = globalThis as typeof globalThis & { __batchConsoleTally?: Tally };

function tally(): Tally {
  holder.__batchConsoleTally ??= makeTally();
  return holder.__batchConsoleTally;
}

function makeTally(): Tally {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: "batch_console_request_duration_seconds",
    help: "Time to answer a request: a tRPC procedure, or a REST method and path.",
    labelNames: ["kind", "name"],
    buckets: [...DURATION_BOUNDS],
    registers: [registry],
  });
  return { registry, durations, timers: new Map(), counts: new Map() };
}

/** Limits the length of index keys: one name that is too long would fail the whole write. */
const MAX_NAME_LENGTH = 200;

/** Records a duration. @param name from a fixed list, never a user's text */
export function recordDuration(kind: "trpc" | "rest" | "batch" | "job", name: string, seconds: number): void {
  const { durations, timers } = tally();
  const label = name.slice(0, MAX_NAME_LENGTH);
  if (kind === "trpc" || kind === "rest") durations.observe({ kind, name: label }, seconds);
  const key = `${kind} ${label}`;
  const timer = timers.get(key) ?? { count: 0, sum: 0, min: seconds, max: seconds, buckets: [] };
  timers.set(key, timer);
  const bounds: readonly number[] = kind === "job" ? JOB_BOUNDS : DURATION_BOUNDS;
  const found = bounds.findIndex((bound) => seconds <= bound);
  const bucket = found === -1 ? bounds.length : found;
  timer.count++;
  timer.sum += seconds;
  timer.min = Math.min(timer.min, seconds);
  timer.max = Math.max(timer.max, seconds);
  timer.buckets[bucket] = (timer.buckets[bucket] ?? 0) + 1;
}

/** Increments a counter. */
export function incrementCount(name: "cache_hit" | "cache_miss"): void {
  const { counts } = tally();
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Returns and resets the statistics. */
export function takeTally(): { timers: ReadonlyMap<string, Timer>; counts: ReadonlyMap<string, number> } {
  const own = tally();
  const result = { timers: own.timers, counts: own.counts };
  own.timers = new Map();
  own.counts = new Map();
  return result;
}

/** Returns this process's metrics for Prometheus. */
export function processMetrics(): Registry {
  return tally().registry;
}
