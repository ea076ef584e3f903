import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { logTables } from "@/server/catalog";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import { prepareBatch } from "@/server/services/intake/events/prepare";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { queueStatus } from "@/server/services/queues";
import { startRedis } from "@/server/testing/redis";
import { startWorkerProcess } from "@/server/testing/worker-process";
import { copyBlocks, describeMachine, median, perSecond, print, reset, timeCopies, withBench } from "./harness";

const ROWS = 300_000;
const ROUNDS = 3;
const BAR = 0.75;
const COPIES = 2;
const MEMORY_BAR_MB = 250;
const CHUNK = 10_000;

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;

/**
 * Measures one worker process from JSON texts in a Redis list (append-only file, fsync every second, the default) to
 * committed rows, compared with two psql-style COPYs side by side of the same rows into the same table. `npm run bench
 * -- queue 2000000` sets the number of events.
 */
export async function benchQueue(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`queue: ${rows} generated access logs over one day; ${describeMachine()}`);
  const redis = await startRedis({ appendonly: "everysec" });
  const producer = new Redis(redis.url);
  try {
    await withBench({ redisUrl: redis.url }, async ({ ctx, url }) => {
      const end = new Date();
      const start = new Date(end.getTime() - 86_400_000);
      const list = logTables.access_logs.redisList;
      const ratios: number[] = [];
      let peak = 0;
      for (let round = 1; round <= (rows > ROWS ? 1 : ROUNDS); round++) {
        const staging = `{${list}}:bench`;
        const blocks: Buffer[] = [];
        let chunk: unknown[] = [];
        const flush = async () => {
          const incoming = chunk.map((event) => ({ event, raw: "", fallbackId: () => "" }));
          blocks.push(...copyBlocks((await prepareBatch(ctx, "access_logs", incoming, ORIGIN)).rows));
          await producer.lpush(staging, ...chunk.map((event) => JSON.stringify(event)));
          chunk = [];
        };
        for (const event of generateAccessLogEvents(rows, { seed: round, start, end })) {
          if (chunk.push(event) === CHUNK) await flush();
        }
        if (chunk.length > 0) await flush();

        await reset(ctx.db.sql, "access_logs");
        const one = await timeCopies(ctx.db.sql, "access_logs", blocks, 1);
        await reset(ctx.db.sql, "access_logs");
        const copy = await timeCopies(ctx.db.sql, "access_logs", blocks, COPIES);
        await reset(ctx.db.sql, "access_logs");
        const worker = await startWorkerProcess({ DATABASE_URL: url, REDIS_URL: redis.url });
        await worker.ready;
        const begin = performance.now();
        await producer.rename(staging, list);
        while ((await producer.llen(list)) + (await producer.hlen(`{${list}}:claims`)) > 0) await sleep(5);
        const drain = (performance.now() - begin) / 1000;
        peak = Math.max(peak, await peakMemoryMb(worker.pid));
        const { received_total, inserted_total } = (await queueStatus(ctx)).queues.access_logs;
        await worker.end("SIGTERM");
        if (received_total !== rows || inserted_total !== rows) {
          throw new Error(`${rows} events went in, ${received_total} were received, ${inserted_total} inserted.`);
        }
        ratios.push(copy / drain);
        print(
          `  round ${round}: COPY ${perSecond(rows, one)}, ${COPIES} COPYs ${perSecond(rows, copy)}, Redis to rows ${perSecond(rows, drain)}, ` +
            `ratio ${(copy / drain).toFixed(2)}, worker's peak memory ${peak} MB`,
        );
      }
      print(
        `queue ratio ${median(ratios).toFixed(2)} of ${COPIES} COPYs side by side (bar ${BAR}, median of ${ratios.length} rounds), ` +
          `worker's peak memory ${peak} MB (bar ${MEMORY_BAR_MB})`,
      );
    });
  } finally {
    producer.disconnect();
    await redis.remove();
  }
}

/** Returns the peak resident memory of a process in MB; NaN except on Linux. */
async function peakMemoryMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1];
  return kilobytes ? Math.round(Number(kilobytes) / 1024) : Number.NaN;
}
