import { setTimeout as sleep } from "node:timers/promises";
import { type AccessLogEvent, generateAccessLogEvents } from "@/server/demo/traffic";
import { insertAccessLogs } from "@/server/services/intake";
import { runMonitor } from "@/server/services/leader";
import { type Bench, describeMachine, median, perSecond, print, reset, timed, withBench } from "./harness";
import { processorSeconds } from "./processor-seconds";

const BAR = 0.03;
/** Odd, so that the median is one of the values. */
const PAIRS = 5;
/** Excludes the catch-up at the start, which happens once per process. */
const SETTLE_MS = 4_000;

/**
 * Traffic is counted one day at a time until 100 ms have passed, followed by a pause of sixty times that. With few rows
 * per day, counting stops soon after 100 ms, runs about every seven seconds, and falls three or four times into two
 * consecutive monitored rounds of 12 seconds. With all rows in one day, each count would take seconds and its pause
 * minutes, so a round would contain all or none of it.
 */
const ROUND_SECONDS = 12;
const ROWS = 120_000;
const ROWS_A_DAY = 5_000;

/** Disk waits vary by far more than the measured difference and would hide part of it. */
const QUIET = { fsync: "off", autovacuum: "off", checkpoint_timeout: "1h", max_wal_size: "16GB" };

type Variant = "off" | "on";

/**
 * Compares intake with and without monitoring in this process: collection, rules, traffic and rollups. The marks for
 * traffic counts are part of each batch's last statement and therefore of both. Reports the rate and the CPU time per
 * row: on saturated CPUs, the rate falls as much as CPU time rises, and CPU time is independent of other work on the
 * machine. `npm run bench -- monitoring 60` sets the seconds per round.
 */
export async function benchMonitoring(): Promise<void> {
  const seconds = Number(process.argv[3] ?? ROUND_SECONDS);
  const days = ROWS / ROWS_A_DAY;
  print(
    `monitoring: ${PAIRS} pairs of rounds of ${seconds} s, intake of ${ROWS} generated access logs over ${days} days ` +
      `again and again; ${describeMachine()}`,
  );
  const end = new Date();
  const start = new Date(end.getTime() - days * 86_400_000);
  const events = [...generateAccessLogEvents(ROWS, { seed: 1, start, end })];
  await withBench({ connections: 4, settings: QUIET }, async (bench) => {
    await insertAccessLogs(bench.ctx, events);
    const watch = makeWatch(bench);
    const costs: number[] = [];
    const rateCosts: number[] = [];
    try {
      for (let pair = 1; pair <= PAIRS; pair++) {
        const rounds: Record<Variant, Round> = { off: { rate: 0, effort: null }, on: { rate: 0, effort: null } };
        // Noise affects both rounds of a pair; drift over the rounds affects each variant alternately.
        for (const variant of pair % 2 === 1 ? (["off", "on"] as const) : (["on", "off"] as const)) {
          await watch.turn(variant);
          rounds[variant] = await takeIn(bench, events, seconds);
        }
        const { off, on } = rounds;
        rateCosts.push(1 - on.rate / off.rate);
        if (off.effort !== null && on.effort !== null) costs.push(1 - off.effort / on.effort);
        print(
          `  pair ${pair}: without ${perSecond(off.rate, 1)} and ${described(off.effort)}, ` +
            `with ${perSecond(on.rate, 1)} and ${described(on.effort)}`,
        );
      }
    } finally {
      await watch.turn("off");
    }
    print(`monitoring costs ${summed(rateCosts)} of the measured rate, which depends on other work on the machine`);
    if (costs.length > 0) {
      print(
        `monitoring costs ${summed(costs)} of the CPU-bound rate (bar ${percent(BAR)}): ` +
          (median(costs) <= BAR ? "met" : "MISSED"),
      );
    }
  });
}

interface Round {
  /** Rows per second. */
  readonly rate: number;
  /** CPU time per row of this process and PostgreSQL in microseconds; null if unknown. */
  readonly effort: number | null;
}

/** Inserts rows for the given time, excluding the time to empty the table. */
async function takeIn({ ctx }: Bench, events: readonly AccessLogEvent[], seconds: number): Promise<Round> {
  const until = performance.now() + seconds * 1_000;
  let rows = 0;
  let took = 0;
  let effort: number | null = 0;
  while (performance.now() < until) {
    await reset(ctx.db.sql, "access_logs");
    const before = await processorSeconds(ctx.db.sql);
    took += await timed(() => insertAccessLogs(ctx, events));
    const after = await processorSeconds(ctx.db.sql);
    effort = before === null || after === null || effort === null ? null : effort + after - before;
    rows += events.length;
  }
  return { rate: rows / took, effort: effort === null ? null : (effort / rows) * 1e6 };
}

/** Switches monitoring on and off. */
function makeWatch({ ctx }: Bench) {
  let watching: { stop: AbortController; ended: Promise<void> } | null = null;
  return {
    async turn(variant: Variant): Promise<void> {
      if (variant === "on" && !watching) {
        const stop = new AbortController();
        watching = { stop, ended: runMonitor(ctx, { signal: stop.signal }) };
        await sleep(SETTLE_MS);
      } else if (variant === "off" && watching) {
        watching.stop.abort();
        await watching.ended;
        watching = null;
      }
    },
  };
}

function summed(costs: readonly number[]): string {
  const [min, max] = [Math.min(...costs), Math.max(...costs)].map(percent);
  return `${percent(median(costs))} (median of ${costs.length} pairs, from ${min} to ${max})`;
}

function described(effort: number | null): string {
  return effort === null ? "unknown processor time" : `${effort.toFixed(1)} µs of processor time a row`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
