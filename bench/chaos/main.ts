import { setTimeout as sleep } from "node:timers/promises";
import { hasBuild, NO_BUILD } from "@/server/process/programs.mjs";
import { runMain } from "@/server/process/run-main";
import { StartError } from "@/server/process/start-error";
import { insertUserActivities } from "@/server/services/intake";
import { print } from "../harness";
import { causeFaults, type Random } from "./faults";
import { ingest, makeClient, startJobs, watchQueues } from "./load";
import { runMachines } from "./machines";
import { type RollingRun, rollProcesses } from "./rolling";
import { openStage } from "./stage";
import { checkArchives, checkEvents, settle } from "./verdict";

/** Duration of the faults in minutes, and the queue backend. */
const RUNS: Readonly<Record<string, { minutes: number; backend: "redis" | "postgres" }>> = {
  redis: { minutes: 10, backend: "redis" },
  postgres: { minutes: 10, backend: "postgres" },
  short: { minutes: 0.75, backend: "redis" },
};
const ROLLING: Readonly<Record<string, RollingRun>> = {
  rolling: { webs: 3, workers: 3, rounds: 2, format: "excel" },
  "rolling-short": { webs: 2, workers: 2, rounds: 1, format: "csv" },
};
const OLD_ROWS = 3_000;
const OLD_DAYS = 200;

/**
 * Entry point of `npm run chaos -- NAME [SEED]`; requires `npm run build`. Kills and freezes processes, locks tables,
 * restarts servers, shifts clocks and fills disks while two web processes and four workers are in use, then verifies
 * the results. `rolling` restarts processes one after another under load, `machines` simulates machines (requires root).
 * The exit code is 1 if data was lost, duplicated or misreported, or if work was delayed too long.
 */
await runMain(async () => {
  const name = process.argv[2] ?? "";
  const [run, rolling] = [RUNS[name], ROLLING[name]];
  if (!run && !rolling && name !== "machines") {
    const names = [...Object.keys({ ...RUNS, ...ROLLING }), "machines"].join(", ");
    process.stderr.write(`Usage: npm run chaos -- NAME [SEED], with NAME one of ${names}\n`);
    return 2;
  }
  if (!(await hasBuild())) throw new StartError(NO_BUILD);
  const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
  const startedAt = performance.now();
  const note = (text: string) =>
    print(`[${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s] ${text}`);
  const report = (problems: readonly string[], conditions: string) => {
    for (const problem of problems.slice(0, 50)) note(`WRONG: ${problem}`);
    note(problems.length === 0 ? "no problems" : `${problems.length} problems${conditions}`);
    return problems.length === 0 ? 0 : 1;
  };
  if (rolling) return report(await rollProcesses(rolling, note), "");
  if (name === "machines") return report(await runMachines(randomOf(seed), note), ` (seed ${seed})`);
  if (!run) return 2;
  note(`chaos, queue in ${run.backend}, ${run.minutes} minutes, seed ${seed}`);
  const stage = await openStage(run.backend);
  if (stage.slowness > 1) note(`a busy machine: all deadlines are ${stage.slowness.toFixed(1)} times as long`);
  try {
    const old = new Date(Date.now() - OLD_DAYS * 86_400_000).toISOString();
    const activities = Array.from({ length: OLD_ROWS }, (_, index) => ({
      user_id: `${index}`,
      action: "old",
      created_at: old,
    }));
    await insertUserActivities(stage.ctx, activities);
    const client = makeClient(stage);
    const { record } = client;
    const faults = new AbortController();
    const load = new AbortController();
    const using = Promise.all([
      ingest(client, load.signal),
      ingest(client, load.signal),
      startJobs(client, randomOf(seed + 1), load.signal),
      watchQueues(client, load.signal),
    ]);
    const causing = causeFaults(stage, { signal: faults.signal, random: randomOf(seed), note });
    await sleep(run.minutes * 60_000);
    faults.abort();
    const count = await causing;
    note(`${count} faults, all taken back`);
    load.abort();
    await using;
    const problems = [
      ...(await settle(client, stage)),
      ...(await checkEvents(client, stage)),
      ...(await checkArchives(client, stage.ctx, OLD_ROWS)),
      ...record.violations,
      ...[...stage.webs, ...stage.workers].flatMap(({ crashes }) => crashes),
    ];
    note(
      `${record.requests} requests, ${record.refused} without a response or rejected; ` +
        `${record.acknowledged.flatMap(({ ids }) => ids).length} events acknowledged; ${record.jobs.length} jobs`,
    );
    if (record.lastError) note(`last request without a response: ${record.lastError}`);
    return report(problems, ` (seed ${seed})`);
  } finally {
    await stage.close();
  }
});

/** mulberry32, a small generator with identical results on every machine. */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
