import { setTimeout as sleep } from "node:timers/promises";
import { type AccessLogEvent, generateAccessLogEvents } from "@/server/demo/traffic";
import { insertAccessLogs } from "@/server/services/intake";
import { runMonitor } from "@/server/services/leader";
import { type Bench, describeMachine, median, perSecond, print, reset, timed, withBench } from "./harness";
import { processorSeconds } from "./processor-seconds";

const BAR = 0.03;
/** Odd, so that one of them is the median. */
const PAIRS = 5;
/** Its beginning, which makes up for what was missed, comes once in the life of a process, and is not measured. */
const SETTLE_MS = 4_000;

/**
 * Counting traffic takes a day's rows at a time, goes on until that took 100 ms, and rests sixty times as long. So few
 * rows a day end it soon after those 100 ms: it comes back every seven seconds or so, and falls three or four times
 * into the two rounds of 12 seconds that are mostly watched in a row. All rows in one day would make each count take
 * seconds and its rest minutes, and a round would have all of it or none.
 */
const ROUND_SECONDS = 12;
const ROWS = 120_000;
const ROWS_A_DAY = 5_000;

/** What waits for the disk varies by far more than what is looked for, and would hide a part of it. */
const QUIET = { fsync: "off", autovacuum: "off", checkpoint_timeout: "1h", max_wal_size: "16GB" };

type Which = "off" | "on";

/**
 * Intake while nobody watches and while this process does: collecting, rules, traffic and roll-ups. The marks for the
 * traffic's counts are part of each batch's last statement, so that they are in both.
 * Told are the rate by the clock and the processor time a row: where both processors are busy, the rate falls by as
 * much as that rises, and it is the same whatever else the machine does.
 * `npm run bench -- monitoring 60` measures for as many seconds a round.
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
        const rounds: Record<Which, Round> = { off: { rate: 0, effort: null }, on: { rate: 0, effort: null } };
        // What the machine does meanwhile falls on both of a pair; what grows from round to round, on each in turn.
        for (const which of pair % 2 === 1 ? (["off", "on"] as const) : (["on", "off"] as const)) {
          await watch.turn(which);
          rounds[which] = await takeIn(bench, events, seconds);
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
    print(
      `monitoring costs ${summed(rateCosts)} of the rate by the clock, which other work on the machine changes too`,
    );
    if (costs.length > 0) {
      print(
        `monitoring costs ${summed(costs)} of the rate that the processors can give (bar ${percent(BAR)}): ` +
          (median(costs) <= BAR ? "met" : "MISSED"),
      );
    }
  });
}

interface Round {
  /** Rows a second. */
  readonly rate: number;
  /** Microseconds of processor time a row, of this process and PostgreSQL; null where nobody tells. */
  readonly effort: number | null;
}

/** Takes rows in for some seconds; emptying the table in between does not count. */
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

/** Switches watching on and off; what is as it should be goes on undisturbed. */
function makeWatch({ ctx }: Bench) {
  let watching: { stop: AbortController; ended: Promise<void> } | null = null;
  return {
    async turn(which: Which): Promise<void> {
      if (which === "on" && !watching) {
        const stop = new AbortController();
        watching = { stop, ended: runMonitor(ctx, { signal: stop.signal }) };
        await sleep(SETTLE_MS);
      } else if (which === "off" && watching) {
        watching.stop.abort();
        await watching.ended;
        watching = null;
      }
    },
  };
}

function summed(costs: readonly number[]): string {
  const [least, most] = [Math.min(...costs), Math.max(...costs)].map(percent);
  return `${percent(median(costs))} (median of ${costs.length} pairs, from ${least} to ${most})`;
}

function described(effort: number | null): string {
  return effort === null ? "unknown processor time" : `${effort.toFixed(1)} µs of processor time a row`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
