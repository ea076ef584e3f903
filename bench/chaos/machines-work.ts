import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Random } from "./faults";
import type { Site } from "./machines-site";
import { until } from "./until";

/** Jobs that are queued or running at the same time. */
const AT_ONCE = 6;
const JOB_TIMEOUT_MS = 600_000;
const API = "/api/v1/batch-processing";

const job = z.object({ job_id: z.string(), status: z.string() });
const archives = z.object({ items: z.array(z.object({ id: z.string() })) });

/** Starts `count` jobs through the web processes and waits until they have ended. @returns their IDs */
export async function submitJobs(
  site: Site,
  { count, random, note }: { count: number; random: Random; note: (text: string) => void },
): Promise<string[]> {
  const ids: string[] = [];
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started++;
      const id = await start(site, random);
      ids.push(id);
      const hasEnded = async () => {
        const [row] = await site.ctx.db.sql`select from jobs where id = ${id} and finished_at is not null`;
        return row !== undefined;
      };
      if (!(await until(hasEnded, JOB_TIMEOUT_MS))) note(`job ${id} has not ended`);
      if (ids.length % 20 === 0) note(`${ids.length} jobs`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return ids;
}

/** Starts a random job; one that conflicts with another is replaced by a different one. */
async function start(site: Site, random: Random): Promise<string> {
  for (;;) {
    const [path, body] = await choose(site, random);
    const response = await send(site, random, path, body);
    if (response.ok) return job.parse(await response.json()).job_id;
    await response.body?.cancel();
    if (response.status >= 500) throw new Error(`${path} was answered with ${response.status}`);
    await sleep(200);
  }
}

async function choose(site: Site, random: Random): Promise<readonly [path: string, body: object]> {
  const kind = random();
  if (kind < 0.15) {
    // From all old rows to none of them.
    return ["/cleanup", { task_type: "access_logs", days_to_keep: 100 + Math.floor(random() * 360) }];
  }
  if (kind < 0.3) {
    const { items } = archives.parse(await (await send(site, random, "/archives?limit=100")).json());
    const archive = items[Math.floor(random() * items.length)];
    if (archive)
      return [`/archives/${archive.id}/restore`, { keep_until: new Date(Date.now() + 3_600_000).toISOString() }];
  }
  const format = random() < 0.1 ? "excel" : "csv";
  const compress = format === "csv" && random() < 0.3 ? "gzip" : "none";
  // Different filters, or else equal exports share a job.
  return [
    "/export",
    { export_type: "user_activities", format, compress, max_rows: 100_000 + Math.floor(random() * 1e6) },
  ];
}

async function send({ urls, key }: Site, random: Random, path: string, body?: object): Promise<Response> {
  const url = urls[Math.floor(random() * urls.length)];
  return await fetch(`${url}${API}${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${key}`, prefer: "wait=0", ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}
