import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Upper ends of the buckets of durations, in seconds; the last bucket has none. */
export const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** The same of runs of jobs, which take from a blink to hours. */
export const JOB_BOUNDS = [0.1, 1, 5, 15, 60, 300, 900, 3_600, 14_400] as const;

export interface Timer {
  count: number;
  /** Seconds. */
  sum: number;
  least: number;
  most: number;
  /** Calls in each bucket. */
  readonly buckets: number[];
}

/** What a process counts: the times of requests, batches and jobs, and how often its caches knew the answer. */
interface Tally {
  readonly registry: Registry;
  readonly durations: Histogram<"kind" | "name">;
  /** Since they were last taken, by `kind name`. */
  timers: Map<string, Timer>;
  counts: Map<string, number>;
}

// One a process, whatever Next bundles anew for each route (see context.ts).
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

/** An index row has room for it, and one name that is too long would cost all the others their minute. */
const LONGEST_NAME = 200;

/** Notes that something took so long. @param name from a list that is known beforehand, never a user's text */
export function noteTime(kind: "trpc" | "rest" | "batch" | "job", name: string, seconds: number): void {
  const { durations, timers } = tally();
  const label = name.slice(0, LONGEST_NAME);
  if (kind === "trpc" || kind === "rest") durations.observe({ kind, name: label }, seconds);
  const key = `${kind} ${label}`;
  const timer = timers.get(key) ?? { count: 0, sum: 0, least: seconds, most: seconds, buckets: [] };
  timers.set(key, timer);
  const bounds: readonly number[] = kind === "job" ? JOB_BOUNDS : DURATION_BOUNDS;
  const found = bounds.findIndex((bound) => seconds <= bound);
  const bucket = found === -1 ? bounds.length : found;
  timer.count++;
  timer.sum += seconds;
  timer.least = Math.min(timer.least, seconds);
  timer.most = Math.max(timer.most, seconds);
  timer.buckets[bucket] = (timer.buckets[bucket] ?? 0) + 1;
}

/** Notes that something happened. */
export function noteCount(name: "cache_hit" | "cache_miss"): void {
  const { counts } = tally();
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** What was noted since the last time, which is forgotten here. */
export function takeTally(): { timers: ReadonlyMap<string, Timer>; counts: ReadonlyMap<string, number> } {
  const own = tally();
  const taken = { timers: own.timers, counts: own.counts };
  own.timers = new Map();
  own.counts = new Map();
  return taken;
}

/** This process's own figures for Prometheus. */
export function processMetrics(): Registry {
  return tally().registry;
}
