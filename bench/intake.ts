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

const ROWS = 300_000;
const ROUNDS = 3;
/** Of the limit: as many COPYs side by side as give most, on two cores. */
const BAR = 0.9;
const COPIES = 2;

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;
const toIncoming = (event: unknown) => ({ event, raw: "", fallbackId: "" });

/**
 * Measures insertAccessLogs, from JavaScript objects to committed rows in batches of MAX_BATCH_SIZE on two connections,
 * compared with two psql-style COPYs side by side of the same rows into the same table.
 */
export async function benchIntake(): Promise<void> {
  print(`intake: ${ROWS} generated access logs over one day; ${describeMachine()}`);
  const end = new Date();
  const events = [...generateAccessLogEvents(ROWS, { seed: 1, start: new Date(end.getTime() - 86_400_000), end })];
  await withBench({ connections: 4 }, async ({ ctx }) => {
    const blocks = copyBlocks((await prepareBatch(ctx, "access_logs", events.map(toIncoming), ORIGIN)).rows);
    const ratios: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await reset(ctx.db.sql, "access_logs");
      const one = await timeCopies(ctx.db.sql, "access_logs", blocks, 1);
      await reset(ctx.db.sql, "access_logs");
      const copy = await timeCopies(ctx.db.sql, "access_logs", blocks, COPIES);
      await reset(ctx.db.sql, "access_logs");
      const insert = await timed(() => insertAccessLogs(ctx, events));
      ratios.push(copy / insert);
      print(
        `  round ${round}: COPY ${perSecond(ROWS, one)}, ${COPIES} COPYs ${perSecond(ROWS, copy)}, insertAccessLogs ${perSecond(ROWS, insert)}, ` +
          `ratio ${(copy / insert).toFixed(2)}, memory ${residentMb()} MB`,
      );
    }
    print(
      `intake ratio ${median(ratios).toFixed(2)} of ${COPIES} COPYs side by side (bar ${BAR}, median of ${ROUNDS} rounds)`,
    );
  });
}
