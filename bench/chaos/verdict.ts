import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Context } from "@/server/process/context";
import { type Client, watchQueues } from "./load";
import type { Period, Stage } from "./stage";

const SETTLE_MS = 180_000;
const STILL_SECONDS = 30;
const DOWNLOAD_MS = 10_000;
const CHUNK = 5_000;

const job = z.object({ status: z.string(), error: z.string().nullable(), result: z.unknown() });
const file = z.object({ file_path: z.string(), size_bytes: z.number() });
const archives = z.object({ items: z.array(z.object({ id: z.string() })) });

/** Waits until the queues are empty and the jobs have ended. @returns the problems found */
export async function settle(client: Client, { ctx, slowness }: Stage): Promise<string[]> {
  const stop = new AbortController();
  const watching = watchQueues(client, stop.signal);
  const problems: string[] = [];
  if (!(await until(async () => await isDrained(ctx)))) problems.push("the queues are not empty after 3 minutes");
  stop.abort();
  const still = await watching;
  if (still > STILL_SECONDS * slowness)
    problems.push(`a queue made no progress for ${still.toFixed(0)} s after all faults were reverted`);
  for (const { id, kind } of client.record.jobs) problems.push(...(await checkJob(client, id, kind)));
  return problems;
}

async function isDrained(ctx: Context): Promise<boolean> {
  const depths = await Promise.all((["access_logs", "user_activities"] as const).map((name) => ctx.queue.depth(name)));
  return depths.every(({ length, inFlight }) => length === 0 && inFlight.length === 0);
}

async function checkJob({ send }: Client, id: string, kind: string): Promise<string[]> {
  let last: z.infer<typeof job> | undefined;
  const isOver = await until(async () => {
    const response = await send("GET", `/jobs/${id}`);
    last = response?.ok ? job.parse(await response.json()) : undefined;
    return last !== undefined && !["queued", "running"].includes(last.status);
  });
  if (!isOver) return [`${kind} ${id} is ${last?.status} after 3 minutes`];
  if (last?.status === "failed" && (!last.error || last.error.includes("Internal server error"))) {
    return [`${kind} ${id} failed without a reason: ${last.error}`];
  }
  if (last?.status !== "completed" || kind !== "export") return [];
  const { file_path, size_bytes } = file.parse(last.result);
  let seen = "no response";
  const isWhole = await until(async () => {
    const response = await send("GET", `/download?file_path=${encodeURIComponent(file_path)}`);
    const bytes = (await response?.arrayBuffer())?.byteLength;
    seen = `${response?.status}, ${bytes} bytes`;
    return response?.status === 200 && bytes === size_bytes;
  }, DOWNLOAD_MS);
  return isWhole ? [] : [`export ${id} completed with ${size_bytes} bytes; its download: ${seen}`];
}

/**
 * Checks that every acknowledged event is stored exactly once. Replication in Redis is asynchronous, so one that was
 * queued while a master was being lost may be missing.
 */
export async function checkEvents({ record }: Client, { ctx, failovers }: Stage): Promise<string[]> {
  const rows = new Map<string, number>();
  const ids = record.acknowledged.flatMap((request) => request.ids);
  for (let start = 0; start < ids.length; start += CHUNK) {
    const found = await ctx.db.sql<{ id: string; rows: number }[]>`
      select id, count(*)::int as rows
      from access_logs
      where id = any(${ids.slice(start, start + CHUNK)}::uuid[])
      group by id`;
    for (const event of found) rows.set(event.id, event.rows);
  }
  const missing = record.acknowledged
    .filter(({ isQueued, during }) => !(isQueued && failovers.some((lost) => overlap(lost, during))))
    .flatMap((request) => request.ids.filter((id) => !rows.has(id)));
  const repeated = ids.filter((id) => (rows.get(id) ?? 0) > 1);
  return missing.length + repeated.length === 0
    ? []
    : [`${ids.length} events were acknowledged; ${missing.length} are missing, ${repeated.length} are stored twice`];
}

function overlap(one: Period, other: Period): boolean {
  return one.from < other.to && other.from < one.to;
}

/** Checks that archived rows can be restored completely. @param old number of old rows at the beginning */
export async function checkArchives({ send }: Client, ctx: Context, old: number): Promise<string[]> {
  let items: z.infer<typeof archives>["items"] = [];
  const isListed = await until(async () => {
    items = archives.parse(await (await send("GET", "/archives?limit=200"))?.json()).items;
    return true;
  }, 30_000);
  if (!isListed) return ["the archives cannot be listed"];
  for (const { id } of items) {
    await (await send("POST", `/archives/${id}/restore`, { body: {}, wait: 10 }))?.body?.cancel();
  }
  const count = async () => {
    const [found] = await ctx.db.sql<
      { rows: number }[]
    >`select count(distinct id)::int as rows from user_activity_logs`;
    return found?.rows ?? 0;
  };
  await until(async () => (await count()) >= old, 60_000);
  const rows = await count();
  return rows === old ? [] : [`${old} old rows existed; ${rows} exist after restoring ${items.length} archives`];
}

async function until(condition: () => Promise<boolean>, timeoutMs = SETTLE_MS): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; await sleep(500)) {
    if (await condition().catch(() => false)) return true;
  }
  return false;
}
