import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@/server/process/free-port";
import { runRedis, say, startRedis, type TestRedis } from "./redis";

/** What the Sentinel calls the group. */
const GROUP = "logs";
const READY_PATIENCE_MS = 20_000;

export interface TestSentinel {
  /** As REDIS_URL has it. */
  readonly url: string;
  readonly master: TestRedis;
  readonly replica: TestRedis;
  remove(): Promise<void>;
}

/** A master, its replica and one Sentinel that makes the replica the master when the master is away for a second. */
export async function startSentinel(): Promise<TestSentinel> {
  const master = await startRedis({ appendonly: "always" });
  const replica = await startRedis({ appendonly: "always", replicaOf: master.port });
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-sentinel-"));
  const port = await freePort();
  const file = path.join(folder, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor ${GROUP} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${GROUP} 1000`,
    `sentinel failover-timeout ${GROUP} 5000`,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const sentinel = await runRedis([file, "--sentinel"], port);
  const known = async () => (await say(port, `SENTINEL REPLICAS ${GROUP}`)).includes(String(replica.port));
  for (const end = Date.now() + READY_PATIENCE_MS; !(await known()); await sleep(50)) {
    if (Date.now() > end) throw new Error("The Sentinel does not find the replica.");
  }
  return {
    url: `redis://127.0.0.1:${port}/?sentinel=${GROUP}`,
    master,
    replica,
    remove: async () => {
      await sentinel.stop("SIGKILL");
      await Promise.all([master.remove(), replica.remove()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
