import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

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

const OUTCOMES = ["completed", "failed", "cancelled"] as const;

/** Figures of this process's query engine (server/columnar). */
interface EngineMetrics {
  readonly statements: Counter<"outcome">;
  readonly seconds: Counter<"outcome">;
  readonly starts: Counter;
  readonly failures: Counter;
  readonly memory: Gauge;
}

/** Statistics of this process: durations of requests, batches and jobs, cache hits, and the query engine. */
interface Tally {
  readonly engine: EngineMetrics;
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
  return { registry, durations, engine: makeEngineMetrics(registry), timers: new Map(), counts: new Map() };
}

function makeEngineMetrics(registry: Registry): EngineMetrics {
  const registers = [registry];
  const labelNames = ["outcome" as const];
  const prefix = "batch_console_engine_";
  const metrics = {
    statements: new Counter({
      name: `${prefix}statements_total`,
      help: "Statements of this process's query engine. Cancelled ones include those whose reader left or timed out.",
      labelNames,
      registers,
    }),
    seconds: new Counter({
      name: `${prefix}statement_seconds_total`,
      help: "Time that statements of this process's query engine took, without waiting for their turn.",
      labelNames,
      registers,
    }),
    starts: new Counter({
      name: `${prefix}starts_total`,
      help: "Starts of this process's query engine. It stops after five idle minutes.",
      registers,
    }),
    failures: new Counter({
      name: `${prefix}failures_total`,
      help: "Times that this process's query engine could not start, crashed, or was replaced.",
      registers,
    }),
    memory: new Gauge({
      name: `${prefix}memory_bytes`,
      help: "Memory of this process's query engine; 0 while it is not running.",
      registers,
    }),
  };
  for (const outcome of OUTCOMES) {
    metrics.statements.inc({ outcome }, 0);
    metrics.seconds.inc({ outcome }, 0);
  }
  return metrics;
}

/** Records a statement of the query engine. */
export function recordStatement(outcome: (typeof OUTCOMES)[number], seconds: number): void {
  const { engine } = tally();
  engine.statements.inc({ outcome });
  engine.seconds.inc({ outcome }, seconds);
}

/** Records that the process of the query engine was started, or ended without being stopped. */
export function recordEngine(event: "start" | "failure"): void {
  const { engine } = tally();
  (event === "start" ? engine.starts : engine.failures).inc();
}

/** @param bytes 0: it is not running */
export function recordEngineMemory(bytes: number): void {
  tally().engine.memory.set(bytes);
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
