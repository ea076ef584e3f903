import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { freePort } from "@/server/process/free-port";
import { createLogQueue } from "@/server/queue";
import { createApiKey } from "@/server/services/accounts";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { startSentinel, type TestSentinel } from "@/server/testing/redis-sentinel";

const DISK_MB = 256;
const START_TIMEOUT_MS = 120_000;
/** The restart delay of a typical supervisor. */
const RESTART_MS = 1_000;
/** The time for all processes to start concurrently on two idle cores. */
const IDLE_START_MS = 6_000;
/** A crash is usually over within this time; a longer absence of the master is a failover. */
const DOWN_AFTER_MS = 5_000;
const SECRET = "chaos".repeat(8);

/** A process of the product that faults stop, freeze and restart. */
export interface Actor {
  readonly name: string;
  start(env?: Record<string, string>): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Stops the process. @returns its exit code, or the signal that ended it */
  end(name: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** The output of each unexpected exit. */
  readonly crashes: readonly string[];
}

export interface Web extends Actor {
  readonly url: string;
}

/** A period of performance.now(). */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Two web processes and four workers, connected to PostgreSQL through a proxy that can be frozen. */
export interface Stage {
  /** The observer's context, connected to PostgreSQL directly. */
  readonly ctx: Context;
  readonly postgres: TestPostgres;
  readonly proxy: FrozenProxy;
  readonly redis: TestSentinel | null;
  /** Times at which the Redis master was lost; see Sentinel in the README. */
  readonly failovers: Period[];
  readonly webs: readonly Web[];
  readonly workers: readonly Actor[];
  readonly key: string;
  readonly dataDir: string;
  /** Whether DATA_DIR is a separate small disk. */
  readonly isOwnDisk: boolean;
  /** The ratio of this machine's start time to that of an idle machine; deadlines are scaled by it. */
  readonly slowness: number;
  close(): Promise<void>;
}

export async function openStage(backend: "redis" | "postgres"): Promise<Stage> {
  const [postgres, redis] = await Promise.all([
    startPostgres({ shared_buffers: "128MB" }),
    backend === "redis" ? startSentinel({ downAfterMs: DOWN_AFTER_MS, minReplicas: 1 }) : null,
  ]);
  await migrateDatabase(postgres.url());
  const proxy = await startFrozenProxy(postgres.port);
  const dataDir = await mkdtemp(path.join(tmpdir(), "chaos-"));
  const isOwnDisk = mountDisk(dataDir);
  const common = {
    NODE_ENV: "production",
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    LOG_LEVEL: "warn",
    APP_SECRET: SECRET,
    DATA_DIR: dataDir,
    DATABASE_URL: postgres.url().replace(String(postgres.port), String(proxy.port)),
    CLEANUP_BATCH_SIZE: "200",
    ...(redis && { REDIS_URL: redis.url }),
  };
  const logs = path.join(tmpdir(), "chaos-logs");
  await mkdir(logs, { recursive: true });
  const ports = [await freePort(), await freePort()];
  const webs = ports.map((port, index): Web => {
    const url = `http://127.0.0.1:${port}`;
    const env = { ...common, PORT: String(port), APP_URL: url };
    return { url, ...makeActor(`web ${index + 1}`, "web", env, () => answers(url)) };
  });
  const workers = [1, 2, 3, 4].map((index) => makeActor(`worker ${index}`, "worker", common, async () => true));

  const log = pino({ level: "silent" });
  const db = connectDatabase(postgres.url(), { applicationName: "chaos watcher", max: 4 });
  const config = loadConfig({ ...common, DATABASE_URL: postgres.url() });
  const ctx: Context = {
    config,
    db,
    files: await openFileStores(config, db.sql),
    queue: createLogQueue({ redisUrl: redis?.url, db, log }),
    cache: createCache({ redisUrl: redis?.url, log }),
    columnar: openColumnarEngine(config, log),
    log,
    secret: SECRET,
    now: () => new Date(),
  };
  const { key } = await createApiKey(ctx, { name: "chaos", role: "admin" });
  const actors = [...webs, ...workers];
  const close = async () => {
    await Promise.all(actors.map((actor) => actor.end("SIGKILL")));
    await Promise.all([ctx.queue.close(), ctx.cache.close(), ctx.columnar.close()]);
    await db.close();
    await proxy.close();
    await Promise.all([postgres.remove(), redis?.remove()]);
    if (isOwnDisk) execFileSync("umount", [dataDir]);
    await rm(dataDir, { recursive: true, force: true });
  };
  const startedAt = performance.now();
  try {
    await Promise.all(actors.map((actor) => actor.start()));
  } catch (error) {
    await close();
    throw error;
  }
  const slowness = Math.max(1, (performance.now() - startedAt) / IDLE_START_MS);
  return { ctx, postgres, proxy, redis, failovers: [], webs, workers, key, dataDir, isOwnDisk, slowness, close };
}

export function makeActor(
  name: string,
  program: string,
  env: Record<string, string>,
  isUp: () => Promise<boolean>,
  /** A command that runs the program elsewhere, such as in a network namespace. */
  prefix: readonly string[] = [],
): Actor {
  let child: ChildProcess | null = null;
  let ended: Promise<number | NodeJS.Signals | null> = Promise.resolve(null);
  let isEnding = false;
  const crashes: string[] = [];

  const spawnIt = (more: Record<string, string>) => {
    const [command = "", ...args] = [...prefix, process.execPath, "server/process/run.mjs", program];
    const own = spawn(command, args, {
      env: { ...env, ...more, NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let isReady = false;
    own.once("message", () => {
      isReady = true;
    });
    let output = "";
    own.stderr?.on("data", (text: Buffer) => {
      output = `${output}${text}`.slice(-2_000);
    });
    child = own;
    ended = new Promise((resolve) =>
      own.once("exit", (code, signal) => {
        resolve(code ?? signal);
        if (isEnding || child !== own) return;
        // A process that cannot reach PostgreSQL at its start exits with one line and is restarted by its supervisor.
        if (isReady) crashes.push(`${name} exited unexpectedly with ${code}: ${output}`);
        setTimeout(() => {
          if (!isEnding && child === own) spawnIt(more);
        }, RESTART_MS);
      }),
    );
  };

  return {
    name,
    crashes,
    start: async (more = {}) => {
      isEnding = false;
      spawnIt(more);
      for (const end = Date.now() + START_TIMEOUT_MS; !(await isUp()); await sleep(200)) {
        if (Date.now() > end) throw new Error(`${name} did not start`);
      }
    },
    signal: (signal) => void child?.kill(signal),
    end: async (signal) => {
      isEnding = true;
      child?.kill(signal);
      child?.kill("SIGCONT");
      return await ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

/** Mounts a small volume, as in a container. Requires root. */
function mountDisk(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
