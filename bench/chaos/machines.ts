import { setTimeout as sleep } from "node:timers/promises";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { fillAccessLogs } from "@/server/testing/cleanup";
import { startS3 } from "@/server/testing/s3-server";
import { type Bench, withBench } from "../harness";
import type { Random } from "./faults";
import type { Site } from "./machines-site";
import { checkFiles } from "./machines-verdict";
import { submitJobs } from "./machines-work";
import { type Machine, openNetwork } from "./network";
import { type Actor, makeActor } from "./stage";

const MACHINES = 3;
const JOBS = 200;
/** Between 100 and 460 days ago. */
const MONTHS = monthsAgo(4, 15);
const ROWS_PER_MONTH = 1_400;
/** The time from the start of a killed worker to the next kill. */
const KILL_MS = { min: 1_000, max: 8_000 };
const PORT = 3000;
const WORKER_PORT = 9100;

/**
 * Runs exports, archives and restores on machines with a disk each and one object store, while workers are killed.
 * @returns the problems: incomplete, missing, damaged or left files, and lost rows
 */
export async function runMachines(random: Random, note: (text: string) => void): Promise<string[]> {
  const problems: string[] = [];
  const [network, store] = await Promise.all([openNetwork(MACHINES), startS3("radosgw")]);
  Object.assign(process.env, store.env);
  try {
    await withBench({ connections: 4 }, async (bench) => {
      const port = (url: string) => Number(new URL(url).port);
      const database = await network.publish(port(bench.url));
      const endpoint = new URL(store.url).searchParams.get("endpoint") ?? "";
      const filesUrl = store.url.replace(new URL(endpoint).host, await network.publish(port(endpoint)));
      const common = {
        PATH: process.env.PATH ?? "",
        HOME: process.env.HOME ?? "",
        LOG_LEVEL: "warn",
        APP_SECRET: bench.ctx.secret,
        DATABASE_URL: bench.url.replace(new URL(bench.url).host, database),
        FILES_URL: filesUrl,
        CLEANUP_BATCH_SIZE: "500",
        ...store.env,
      };
      const config = loadConfig({ ...common, DATA_DIR: bench.dataDir });
      const ctx: Context = { ...bench.ctx, config, files: await openFileStores(config, bench.ctx.db.sql) };
      const { webs, workers } = makeProcesses(network.machines, common);
      try {
        const rows = await fill(bench);
        await Promise.all([...webs, ...workers].map((actor) => actor.start()));
        const { key } = await createApiKey(ctx, { name: "machines", role: "admin" });
        const urls = network.machines.map(({ address }) => `http://${address}:${PORT}`);
        const site: Site = { ctx, urls, key, machines: network.machines };
        const stop = new AbortController();
        const killing = killWorkers(workers, random, stop.signal);
        const jobs = await submitJobs(site, { count: JOBS, random, note });
        stop.abort();
        note(`${jobs.length} jobs ended, ${await killing} kills`);
        problems.push(...(await checkFiles(site, jobs, rows, note)));
      } finally {
        await Promise.all([...webs, ...workers].map((actor) => actor.end("SIGKILL")));
      }
    });
  } finally {
    await store.remove();
    await network.close();
  }
  return problems;
}

function makeProcesses(machines: readonly Machine[], common: Record<string, string>) {
  const of = (program: "web" | "worker", isUp: (machine: Machine) => Promise<boolean>) =>
    machines.map((machine) => {
      const url = `http://${machine.address}:${PORT}`;
      const env = {
        ...common,
        DATA_DIR: machine.dataDir,
        HOST: "0.0.0.0",
        PORT: String(PORT),
        APP_URL: url,
        ...(program === "worker" && { WORKER_PORT: String(WORKER_PORT), WORKER_HOST: "0.0.0.0" }),
      };
      return makeActor(`${program} on ${machine.name}`, program, env, () => isUp(machine), machine.prefix);
    });
  const isReady =
    (path: string) =>
    ({ address }: Machine) =>
      fetch(`http://${address}:${path}`, { signal: AbortSignal.timeout(5_000) }).then(
        ({ status }) => status === 200,
        () => false,
      );
  return {
    webs: of("web", isReady(`${PORT}/api/health/ready`)),
    workers: of("worker", isReady(`${WORKER_PORT}/ready`)),
  };
}

/** Kills a worker at random times, and waits until it has been restarted. @returns the number of kills */
async function killWorkers(workers: readonly Actor[], random: Random, signal: AbortSignal): Promise<number> {
  for (let kills = 0; ; kills++) {
    const pause = KILL_MS.min + random() * (KILL_MS.max - KILL_MS.min);
    await sleep(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) return kills;
    const victim = workers[Math.floor(random() * workers.length)];
    await victim?.end("SIGKILL");
    await victim?.start();
  }
}

/** Fills both tables with months of old rows. @returns the IDs of the access logs, which are archived and restored */
async function fill({ ctx }: Bench): Promise<ReadonlySet<string>> {
  await fillAccessLogs(ctx, MONTHS, ROWS_PER_MONTH);
  // Rows of about 1 KB, whose file has several parts.
  await ctx.db.sql`
    insert into user_activity_logs (id, created_at, user_id, action, resource_id)
    select gen_random_uuid(), now() - i * interval '1 s', 'u' || i, 'view',
      (select string_agg(md5(i::text || j), '') from generate_series(1, 30) j)
    from generate_series(1, ${MONTHS.length * ROWS_PER_MONTH}::int) i`;
  const ids = await ctx.db.sql<{ id: string }[]>`select id from access_logs`;
  return new Set(ids.map(({ id }) => id));
}

function monthsAgo(from: number, to: number): string[] {
  const now = new Date();
  return Array.from({ length: to - from + 1 }, (_, index) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - from - index, 1)).toISOString().slice(0, 7),
  );
}
