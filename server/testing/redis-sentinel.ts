import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@/server/process/free-port";
import { runRedis, sendCommand, startRedis, type TestRedis } from "./redis";

/** The name of the monitored master. */
const GROUP = "logs";
const READY_TIMEOUT_MS = 20_000;

export interface TestSentinel {
  /** The value of REDIS_URL. */
  readonly url: string;
  readonly master: TestRedis;
  readonly replica: TestRedis;
  /** Returns the current master. */
  current(): Promise<TestRedis>;
  /** Kills the current master and starts it again after `pause`: as the replica if it is not the master anymore. */
  crash(pause: () => Promise<void>): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Starts a master, a replica and a Sentinel that promotes the replica.
 * @param options.downAfterMs the time without a response of the master after which the replica is promoted
 * @param options.minReplicas replicas without which a master rejects writes
 */
export async function startSentinel(
  options: { downAfterMs?: number; minReplicas?: number } = {},
): Promise<TestSentinel> {
  const { downAfterMs = 1_000, minReplicas } = options;
  const master = await startRedis({ appendonly: "always", minReplicas });
  const replica = await startRedis({ appendonly: "always", minReplicas, replicaOf: master.port });
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-sentinel-"));
  const port = await freePort();
  const file = path.join(folder, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${GROUP} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${GROUP} ${downAfterMs}`,
    `sentinel failover-timeout ${GROUP} 5000`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const sentinel = await runRedis([file, "--sentinel"], port);
  const hasReplica = async () => (await sendCommand(port, `SENTINEL REPLICAS ${GROUP}`)).includes(String(replica.port));
  for (const end = Date.now() + READY_TIMEOUT_MS; !(await hasReplica()); await sleep(50)) {
    if (Date.now() > end) throw new Error("The Sentinel did not discover the replica.");
  }
  const current = async () => {
    const reply = await sendCommand(port, `SENTINEL GET-MASTER-ADDR-BY-NAME ${GROUP}`);
    return reply.includes(String(replica.port)) ? replica : master;
  };
  return {
    url: `redis://127.0.0.1:${port}/?sentinel=${GROUP}`,
    master,
    replica,
    current,
    crash: async (pause) => {
      const server = await current();
      await server.stop("SIGKILL");
      try {
        await pause();
      } finally {
        const next = await current();
        const role = next === server ? ["no", "one"] : ["127.0.0.1", String(next.port)];
        await server.start("--replicaof", ...role);
      }
    },
    remove: async () => {
      await sentinel.stop("SIGKILL");
      await Promise.all([master.remove(), replica.remove()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
