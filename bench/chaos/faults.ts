import { existsSync, readdirSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { logTableList } from "@/server/catalog";
import { queueKeys } from "@/server/queue/redis/keys";
import type { TestRedis } from "@/server/testing/redis";
import type { TestSentinel } from "@/server/testing/redis-sentinel";
import type { Stage } from "./stage";

/** Returns a number from 0 (inclusive) to 1 (exclusive). The same seed causes the same faults. */
export type Random = () => number;

export interface Fault {
  readonly name: string;
  /** Returns a missing requirement, or null. */
  readonly lacks?: (stage: Stage) => string | null;
  /** Causes the fault and reverts it. */
  run(stage: Stage, random: Random): Promise<void>;
}

const between = (random: Random, min: number, max: number) => min + random() * (max - min);
const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("no items");
  return item;
};
const DAY_SECONDS = 86_400;
const PROMOTION_MS = 30_000;
const REPLICATION_MS = 10_000;

/** The library's location on Debian and Ubuntu. */
const FAKETIME_LIBRARY = readdirSync("/usr/lib", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
  .find((file) => existsSync(file));

const faults: readonly Fault[] = [
  {
    name: "worker killed",
    run: async ({ workers }, random) => {
      const worker = pick(random, workers);
      await worker.end("SIGKILL");
      await sleep(between(random, 500, 3_000));
      await worker.start();
    },
  },
  {
    name: "worker restarted by its supervisor",
    run: async ({ workers }, random) => {
      const worker = pick(random, workers);
      await worker.end("SIGTERM");
      await worker.start();
    },
  },
  {
    name: "a worker freezes",
    run: async ({ workers }, random) => {
      const worker = pick(random, workers);
      worker.signal("SIGSTOP");
      await sleep(between(random, 3_000, 25_000));
      worker.signal("SIGCONT");
    },
  },
  {
    name: "web process killed",
    run: async ({ webs }, random) => {
      const web = pick(random, webs);
      await web.end("SIGKILL");
      await web.start();
    },
  },
  {
    name: "web process frozen",
    run: async ({ webs }, random) => {
      const web = pick(random, webs);
      web.signal("SIGSTOP");
      await sleep(between(random, 1_000, 6_000));
      web.signal("SIGCONT");
    },
  },
  {
    name: "log table locked",
    run: async ({ ctx }, random) => {
      const { tableName } = pick(random, logTableList);
      await ctx.db.sql.begin(async (tx) => {
        await tx`set local idle_in_transaction_session_timeout = 0`;
        await tx`lock table ${tx(tableName)}`;
        await sleep(between(random, 2_000, 15_000));
      });
    },
  },
  {
    name: "sessions of PostgreSQL are terminated",
    run: async ({ ctx }, random) => {
      for (let round = 0; round < 5; round++) {
        await ctx.db.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'batch-console%' and random() < 0.3`;
        await sleep(between(random, 100, 1_000));
      }
    },
  },
  {
    name: "PostgreSQL restarts",
    run: async ({ postgres }, random) => await postgres.restart(random() < 0.5 ? "immediate" : "fast"),
  },
  {
    name: "PostgreSQL stops answering",
    run: async ({ proxy }, random) => {
      proxy.freeze();
      await sleep(between(random, 2_000, 12_000));
      if (random() < 0.5) proxy.thaw();
      else proxy.forget();
    },
  },
  {
    name: "worker's clock 200 days ahead",
    lacks: () => (FAKETIME_LIBRARY ? null : "libfaketime"),
    run: async ({ workers }, random) => {
      const worker = pick(random, workers);
      await worker.end("SIGTERM");
      await worker.start({
        LD_PRELOAD: FAKETIME_LIBRARY ?? "",
        FAKETIME: `+${200 * DAY_SECONDS}s`,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      });
      await sleep(between(random, 5_000, 15_000));
      await worker.end("SIGTERM");
      await worker.start();
    },
  },
  {
    name: "disk of DATA_DIR full",
    lacks: ({ isOwnDisk }) => (isOwnDisk ? null : "permission to mount a small disk"),
    run: async ({ dataDir }, random) => {
      const filling = path.join(dataDir, "filling");
      const file = await open(filling, "w");
      const block = Buffer.alloc(1_000_000, 1);
      try {
        for (;;) await file.write(block);
      } catch {
        await sleep(between(random, 2_000, 10_000));
      } finally {
        await file.close();
        await rm(filling, { force: true });
      }
    },
  },
];

const redisFaults: readonly Fault[] = [
  {
    name: "Redis master crashes",
    run: (stage, random) =>
      loseMaster(stage, async (redis, _, lost) => {
        await redis.crash(async () => {
          lost();
          await sleep(between(random, 500, 4_000));
        });
      }),
  },
  {
    name: "Redis master killed, its replica promoted",
    run: (stage, random) =>
      loseMaster(stage, async (redis, master, lost) => {
        await redis.crash(async () => {
          lost();
          for (const end = Date.now() + PROMOTION_MS; (await redis.current()) === master; await sleep(100)) {
            if (Date.now() > end) throw new Error("the replica was not promoted");
          }
          await sleep(between(random, 0, 5_000));
        });
      }),
  },
  {
    name: "Redis master frozen",
    run: (stage, random) =>
      loseMaster(stage, async (_, master, lost) => {
        master.signal("SIGSTOP");
        await sleep(between(random, 1_000, 12_000));
        master.signal("SIGCONT");
        lost();
      }),
  },
  {
    name: "Redis is full",
    run: (stage, random) =>
      withAdmin(stage, async (admin) => {
        await admin.config("SET", "maxmemory", "1");
        await sleep(between(random, 2_000, 10_000));
        await admin.config("SET", "maxmemory", "0");
      }),
  },
  {
    name: "internal queue keys in Redis deleted",
    run: (stage, random) =>
      withAdmin(stage, async (admin) => {
        const { leases, claims } = queueKeys(pick(random, logTableList).redisList);
        await admin.del(...pick(random, [[leases], [claims], [leases, claims]]));
      }),
  },
];

/** Returns the faults that can be caused here, and reports the others. */
function faultsOf(stage: Stage, note: (text: string) => void): Fault[] {
  return [...faults, ...(stage.redis ? redisFaults : [])].filter(({ name, lacks }) => {
    const missing = lacks?.(stage) ?? null;
    if (missing !== null) note(`left out: ${name} (needs ${missing})`);
    return missing === null;
  });
}

async function withAdmin({ redis }: Stage, work: (admin: Redis) => Promise<void>): Promise<void> {
  if (!redis) return;
  const admin = new Redis((await redis.current()).url);
  admin.on("error", () => {});
  try {
    await work(admin);
  } finally {
    admin.disconnect();
  }
}

/**
 * Waits until the replica has every write, then runs `fault`, which calls `lost` once the master accepts no more. Only
 * events acknowledged in between may be lost if the replica is promoted.
 */
async function loseMaster(
  stage: Stage,
  fault: (redis: TestSentinel, master: TestRedis, lost: () => void) => Promise<void>,
): Promise<void> {
  if (!stage.redis) return;
  const master = await stage.redis.current();
  let from = performance.now();
  await withAdmin(stage, async (admin) => {
    for (const end = Date.now() + REPLICATION_MS; (await admin.wait(1, 1_000)) < 1; from = performance.now()) {
      if (Date.now() > end) throw new Error("left out, because the replica is not connected");
    }
  });
  await fault(stage.redis, master, () => void stage.failovers.push({ from, to: performance.now() }));
}

/** Causes faults, up to two at a time, until `signal` aborts. Resolves when all are reverted. */
export async function causeFaults(
  stage: Stage,
  options: { signal: AbortSignal; random: Random; note: (text: string) => void },
): Promise<number> {
  const { signal, random, note } = options;
  const possible = faultsOf(stage, note);
  let count = 0;
  // Two faults of one process would undo each other's restart.
  const running = new Set<string>();
  const lane = async () => {
    while (!signal.aborted) {
      await sleep(between(random, 500, 4_000));
      const fault = pick(random, possible);
      const kind = /worker|web|master/.exec(fault.name)?.[0] ?? fault.name;
      if (running.has(kind) || signal.aborted) continue;
      running.add(kind);
      note(fault.name);
      count++;
      await fault.run(stage, random).catch((error: unknown) => note(`  ${fault.name}: ${String(error).slice(0, 200)}`));
      running.delete(kind);
    }
  };
  await Promise.all([lane(), lane()]);
  return count;
}
