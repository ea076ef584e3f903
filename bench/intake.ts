import type { Sql } from "@/server/db/client";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import { insertAccessLogs } from "@/server/services/intake";
import { prepareBatch } from "@/server/services/intake/events/prepare";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import {
  copyBlocks,
  describeMachine,
  median,
  perSecond,
  print,
  reset,
  residentMb,
  timeCopies,
  timed,
  withBench,
} from "./harness";
import { processorSeconds } from "./processor-seconds";

const ROWS = 300_000;
const ROUNDS = 3;
/** Of the limit: as many COPYs side by side as give most on two cores. */
const BAR = 0.9;
const COPIES = 2;

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;
const toIncoming = (event: unknown) => ({ event, raw: "", fallbackId: "" });

/**
 * Measures insertAccessLogs, from JavaScript objects to committed rows in batches of MAX_BATCH_SIZE on two connections,
 * compared with two psql-style COPYs side by side of the same rows into the same table. Also prints the processor time
 * of this process and PostgreSQL, which depends less on other work on the machine. `npm run bench -- intake 100000`
 * sets the number of rows.
 */
export async function benchIntake(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`intake: ${rows} generated access logs over one day; ${describeMachine()}`);
  const end = new Date();
  const events = [...generateAccessLogEvents(rows, { seed: 1, start: new Date(end.getTime() - 86_400_000), end })];
  await withBench({ connections: 4 }, async ({ ctx }) => {
    const { sql } = ctx.db;
    const blocks = copyBlocks((await prepareBatch(ctx, "access_logs", events.map(toIncoming), ORIGIN)).rows);
    const ratios: number[] = [];
    const computed: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const one = await measure(sql, () => timeCopies(sql, "access_logs", blocks, 1));
      const copy = await measure(sql, () => timeCopies(sql, "access_logs", blocks, COPIES));
      const insert = await measure(sql, () => insertAccessLogs(ctx, events));
      ratios.push(copy.seconds / insert.seconds);
      computed.push(copy.processor / insert.processor);
      const micros = (seconds: number) => `${((seconds * 1e6) / rows).toFixed(1)} µs`;
      print(
        `  round ${round}: COPY ${perSecond(rows, one.seconds)}, ${COPIES} COPYs ${perSecond(rows, copy.seconds)}, ` +
          `insertAccessLogs ${perSecond(rows, insert.seconds)}, ratio ${(copy.seconds / insert.seconds).toFixed(2)}, ` +
          `memory ${residentMb()} MB`,
      );
      print(`    processor time of a row: COPYs ${micros(copy.processor)}, intake ${micros(insert.processor)}`);
    }
    print(
      `intake ratio ${median(ratios).toFixed(2)} of ${COPIES} COPYs side by side (bar ${BAR}, median of ${ROUNDS} ` +
        `rounds), by processor time ${median(computed).toFixed(2)}`,
    );
  });
}

/** Runs `work` on an empty table. */
async function measure(sql: Sql, work: () => Promise<unknown>): Promise<{ seconds: number; processor: number }> {
  await reset(sql, "access_logs");
  const start = (await processorSeconds(sql)) ?? Number.NaN;
  const seconds = await timed(work);
  const end = (await processorSeconds(sql)) ?? Number.NaN;
  return { seconds, processor: end - start };
}
