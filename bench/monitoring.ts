import { setTimeout as sleep } from "node:timers/promises";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import { insertAccessLogs } from "@/server/services/batch-data-processor";
import { keepWatch } from "@/server/services/monitoring";
import { describeMachine, median, perSecond, print, reset, timed, withBench } from "./harness";

const ROWS = Number(process.argv[3] ?? 300_000);
/** In a row: counting traffic rests in one for what it took in another. */
const ROUNDS = 3;
const BAR = 0.03;
const SETTLE_MS = 4_000;

/**
 * Intake while nobody watches and while this process does, turn about: collecting, rules, traffic and roll-ups. The
 * marks for the traffic's counts are part of each batch's last statement, so that they are in both.
 */
export async function benchMonitoring(): Promise<void> {
  print(`monitoring: intake of ${ROWS} generated access logs over one day; ${describeMachine()}`);
  const end = new Date();
  const events = [...generateAccessLogEvents(ROWS, { seed: 1, start: new Date(end.getTime() - 86_400_000), end })];
  await withBench({ connections: 4 }, async ({ ctx }) => {
    const times: Record<"off" | "on", number[]> = { off: [], on: [] };
    const run = async (which: "off" | "on") => {
      await reset(ctx.db.sql, "access_logs");
      const seconds = await timed(() => insertAccessLogs(ctx, events));
      times[which].push(seconds);
      print(`  ${which === "on" ? "with   " : "without"} ${perSecond(ROWS, seconds)}`);
    };
    const watched = async () => {
      const stop = new AbortController();
      const watching = keepWatch(ctx, { signal: stop.signal });
      // Its beginning, which makes up for what was missed, comes once in the life of a process.
      await sleep(SETTLE_MS);
      for (let round = 0; round < ROUNDS; round++) await run("on");
      stop.abort();
      await watching;
    };
    await insertAccessLogs(ctx, events);
    // Before, between and after: what the machine does meanwhile falls on both.
    await run("off");
    await watched();
    for (let round = 1; round < ROUNDS; round++) await run("off");
    await watched();
    for (let round = 0; round < ROUNDS; round++) await run("off");
    const cost = 1 - median(times.off) / median(times.on);
    print(
      `monitoring costs ${(cost * 100).toFixed(1)} % of intake (bar ${BAR * 100} %, medians of ${2 * ROUNDS} rounds)`,
    );
  });
}
