import { mkdir, rmdir } from "node:fs/promises";
import path from "node:path";
import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { renderError } from "@/server/lib/error-text";
import { createLogQueue } from "@/server/queue";
import { checkHealth } from "@/server/services/health";
import { queueStatus } from "@/server/services/queues";
import { createTestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { drainQueues } from "./drain";

const PATIENT = { timeout: 60_000, interval: 50 };
/** Delay per key while loading. Loading all keys takes longer than the test, which ends it. */
const LOAD_DELAY_MICROSECONDS = 50_000;

/** The server's reply, a function that causes it, and a function that ends it. */
interface Refusal {
  readonly code: string;
  readonly cluster?: boolean;
  readonly remedy: RegExp;
  cause(admin: Redis, redis: TestRedis): Promise<unknown>;
  cure(admin: Redis): Promise<unknown>;
}

async function dumpOf(admin: Redis): Promise<string> {
  const [, folder = ""] = z.array(z.string()).parse(await admin.config("GET", "dir"));
  return path.join(folder, "dump.rdb");
}

const promote = (admin: Redis) => admin.replicaof("NO", "ONE");
const REFUSALS: readonly Refusal[] = [
  {
    code: "MISCONF",
    remedy: /Check its disk/,
    cause: async (admin) => {
      await admin.config("SET", "save", "3600 1");
      // A file cannot replace a folder.
      await mkdir(await dumpOf(admin));
      await admin.bgsave();
      await vi.waitFor(
        async () => expect(await admin.info("persistence")).toContain("rdb_last_bgsave_status:err"),
        PATIENT,
      );
    },
    cure: async (admin) => {
      await rmdir(await dumpOf(admin));
      await admin.bgsave();
    },
  },
  {
    code: "READONLY",
    remedy: /Point REDIS_URL at the master/,
    cause: (admin) => admin.replicaof("127.0.0.1", 1),
    cure: promote,
  },
  {
    code: "MASTERDOWN",
    remedy: /has lost its master/,
    cause: async (admin) => {
      await admin.config("SET", "replica-serve-stale-data", "no");
      await admin.replicaof("127.0.0.1", 1);
    },
    cure: promote,
  },
  {
    code: "NOREPLICAS",
    remedy: /lower min-replicas-to-write/,
    cause: (admin) => admin.config("SET", "min-replicas-to-write", "1"),
    cure: (admin) => admin.config("SET", "min-replicas-to-write", "0"),
  },
  {
    code: "CLUSTERDOWN",
    cluster: true,
    remedy: /assign their slots/,
    cause: (admin) => admin.cluster("DELSLOTSRANGE", 0, 16383),
    cure: (admin) => admin.cluster("ADDSLOTSRANGE", 0, 16383),
  },
  {
    code: "LOADING",
    remedy: /does not accept commands yet/,
    cause: async (admin, redis) => {
      await admin.config("SET", "rdbcompression", "no");
      await admin.eval("for key = 1, 3000 do redis.call('SET', 'other' .. key, string.rep('x', 2000)) end", 0);
      await admin.save();
      await redis.stop("SIGKILL");
      const delay = [
        "--key-load-delay",
        String(LOAD_DELAY_MICROSECONDS),
        "--loading-process-events-interval-bytes",
        "1024",
      ];
      redis.start(...delay).catch(() => {});
    },
    cure: (admin) => vi.waitFor(() => admin.config("SET", "key-load-delay", "0"), PATIENT),
  },
];

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test.each(REFUSALS)(
  "a Redis that refuses with $code is reported with the remedy, and no event is lost",
  async ({ code, cluster, remedy, cause, cure }) => {
    const redis = await startRedis({ cluster });
    closing.push(() => redis.remove());
    const subject = await createTestContext({ redisUrl: cluster ? `${redis.url}/?cluster=true` : redis.url });
    closing.push(() => subject.close());
    const { context } = subject;
    const admin = new Redis(redis.url, { enableReadyCheck: false });
    admin.on("error", () => {});
    closing.push(async () => admin.disconnect());
    const event = (path: string) => JSON.stringify({ ip_address: "203.0.113.7", request_path: path });
    await vi.waitFor(() => context.queue.push("access_logs", [event("/a"), event("/b")]), PATIENT);

    await cause(admin, redis);
    const stop = new AbortController();
    const draining = drainQueues(context, { signal: stop.signal });
    closing.push(async () => {
      stop.abort();
      await draining;
    });
    await vi.waitFor(async () => {
      const { status, queues } = await queueStatus(context);
      expect(status).toBe("degraded");
      expect(queues.access_logs).toMatchObject({ problem: "refuses_writes", refusal: code, received_total: 0 });
      const { parts } = await checkHealth(context);
      expect(parts.queue.state).not.toBe("ok");
      const advice = parts.queue.advice && renderError(parts.queue.advice);
      expect(advice).toContain(code);
      expect(advice).toMatch(remedy);
    }, PATIENT);
    await expect(context.queue.push("access_logs", [event("/refused")])).rejects.toMatchObject({
      code: expect.stringMatching(/^queue\./),
    });
    // A process that is started now reports the same.
    const late = createLogQueue({ redisUrl: context.config.redisUrl, db: context.db, log: context.log });
    closing.push(() => late.close());
    await vi.waitFor(async () => {
      const reported = await late.ping().catch((error: Error) => error.message);
      expect(typeof reported === "string" ? reported : reported && renderError(reported)).toContain(code);
    }, PATIENT);

    await cure(admin);
    await vi.waitFor(async () => {
      const { queues } = await queueStatus(context);
      expect(queues.access_logs).toMatchObject({ problem: null, refusal: null, queue_length: 0, in_flight: 0 });
      expect(queues.access_logs).toMatchObject({ received_total: 2, inserted_total: 2 });
    }, PATIENT);
    await vi.waitFor(() => late.push("access_logs", [event("/c")]), PATIENT);
    await vi.waitFor(async () => {
      const rows = await context.db.sql<{ request_path: string }[]>`select request_path from access_logs order by 1`;
      expect(rows.map(({ request_path }) => request_path)).toEqual(["/a", "/b", "/c"]);
    }, PATIENT);
    expect((await checkHealth(context)).parts.queue).toMatchObject({ state: "ok", advice: null });
  },
);
