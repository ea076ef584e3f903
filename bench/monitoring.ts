import { setTimeout as sleep } from "node:timers/promises";
import { type AccessLogEvent, generateAccessLogEvents } from "@/server/demo/traffic";
import { insertAccessLogs } from "@/server/services/batch-data-processor";
import { keepWatch } from "@/server/services/monitoring";
import { type Bench, describeMachine, median, perSecond, print, reset, timed, withBench } from "./harness";

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
    try {
      for (let pair = 1; pair <= PAIRS; pair++) {
        const rates: Record<Which, number> = { off: 0, on: 0 };
        // What the machine does meanwhile falls on both of a pair; what grows from round to round, on each in turn.
        for (const which of pair % 2 === 1 ? (["off", "on"] as const) : (["on", "off"] as const)) {
          await watch.turn(which);
          rates[which] = await intakeRate(bench, events, seconds);
        }
        const cost = 1 - rates.on / rates.off;
        costs.push(cost);
        print(
          `  pair ${pair}: without ${perSecond(rates.off, 1)}, with ${perSecond(rates.on, 1)}, ` +
            `ratio ${(rates.on / rates.off).toFixed(3)}`,
        );
      }
    } finally {
      await watch.turn("off");
    }
    print(
      `monitoring costs ${percent(median(costs))} of intake (bar ${percent(BAR)}, median of ${PAIRS} pairs, ` +
        `from ${percent(Math.min(...costs))} to ${percent(Math.max(...costs))})`,
    );
  });
}

/** Rows a second while rows are taken in; emptying the table in between does not count. */
async function intakeRate({ ctx }: Bench, events: readonly AccessLogEvent[], seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let rows = 0;
  let took = 0;
  while (performance.now() < until) {
    await reset(ctx.db.sql, "access_logs");
    took += await timed(() => insertAccessLogs(ctx, events));
    rows += events.length;
  }
  return rows / took;
}

/** Switches watching on and off; what is as it should be goes on undisturbed. */
function makeWatch({ ctx }: Bench) {
  let watching: { stop: AbortController; ended: Promise<void> } | null = null;
  return {
    async turn(which: Which): Promise<void> {
      if (which === "on" && !watching) {
        const stop = new AbortController();
        watching = { stop, ended: keepWatch(ctx, { signal: stop.signal }) };
        await sleep(SETTLE_MS);
      } else if (which === "off" && watching) {
        watching.stop.abort();
        await watching.ended;
        watching = null;
      }
    },
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
