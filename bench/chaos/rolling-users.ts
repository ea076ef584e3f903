import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Context } from "@/server/process/context";
import { readTail } from "./tail-reader";
import { until } from "./until";

const EVENTS = 5;
const PAUSE_MS = 100;
/** A download takes several seconds. */
const CHUNK_PAUSE_MS = 250;
const CHUNK_BYTES = 1_000_000;
const API = "/api/v1/batch-processing";

const job = z.object({ job_id: z.string(), status: z.string(), error: z.unknown() });
const exported = job.extend({ result: z.object({ file_path: z.string(), sha256: z.string() }) });

interface Site {
  readonly url: string;
  readonly key: string;
  readonly format: "csv" | "excel";
}

export interface Users {
  /** Ends the load, and waits for what it started. @returns the problems */
  stop(): Promise<string[]>;
  summary(): string;
}

/** Starts users that load pages, send events, follow the live tail, download a large file slowly, and start exports. */
export async function startUsers(ctx: Context, site: Site): Promise<Users> {
  const problems: string[] = [];
  const counts = { requests: 0, events: 0, tailed: 0, streams: 0, downloads: 0, exports: 0 };
  const sent = new Set<string>();
  const jobs = new Set<string>();
  const stop = new AbortController();
  const isOver = () => stop.signal.aborted;
  const pause = (ms: number) => sleep(ms, undefined, { signal: stop.signal }).catch(() => {});

  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    counts.requests++;
    const response = await fetch(site.url + path, {
      ...init,
      headers: { authorization: `Bearer ${site.key}`, ...init.headers },
    });
    if (!response.ok)
      throw new Error(`${init.method ?? "GET"} ${path}: ${response.status} ${(await response.text()).slice(0, 200)}`);
    return response;
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    request(API + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  /** Repeats work until the stop; each failure is a problem. */
  const repeat = async (work: () => Promise<void>) => {
    while (!isOver()) {
      await work().catch((error: unknown) => {
        const cause = error instanceof Error && error.cause ? ` (${error.cause})` : "";
        problems.push(`${error}${cause}`);
        return pause(1_000);
      });
    }
  };

  const browse = async () => {
    await (await request("/login")).text();
    await (await request(`${API}/access-logs?page_size=20`)).json();
    await pause(PAUSE_MS);
  };
  const ingest = (mode: "direct" | "queue") => async () => {
    const ids = Array.from({ length: EVENTS }, () => randomUUID());
    const events = ids.map((id) => ({ id, ip_address: "203.0.113.7", request_path: `/rolling/${mode}` }));
    await (await post(`/access-logs${mode === "direct" ? "?mode=direct" : ""}`, events)).json();
    for (const id of ids) sent.add(id);
    counts.events += EVENTS;
    await pause(PAUSE_MS);
  };
  const exportRows = async (wait: number) => {
    const body = { export_type: "user_activities", format: "csv" };
    return await (await post("/export", body, { prefer: `wait=${wait}` })).json();
  };
  const startExport = async () => {
    const body = { export_type: "user_activities", format: site.format };
    const { job_id } = job.parse(await (await post("/export", body, { prefer: "wait=30" })).json());
    jobs.add(job_id);
    counts.exports++;
  };

  const { result: file } = exported.parse(await exportRows(60));
  const download = async () => {
    const response = await request(`${API}/download?file_path=${encodeURIComponent(file.file_path)}`);
    const hash = createHash("sha256");
    let unpaused = 0;
    for await (const chunk of response.body ?? []) {
      hash.update(chunk);
      unpaused += chunk.length;
      if (unpaused < CHUNK_BYTES) continue;
      unpaused = 0;
      await sleep(CHUNK_PAUSE_MS);
    }
    if (hash.digest("hex") !== file.sha256) throw new Error("a download differs from the file");
    counts.downloads++;
  };

  const tail = await readTail(site, problems);
  const using = [browse, ingest("direct"), ingest("queue"), ingest("queue"), download, startExport].map(repeat);

  return {
    stop: async () => {
      const isTailed = () => [...sent].every((id) => tail.ids.has(id)) || tail.skipped() > 0;
      stop.abort();
      await Promise.all(using);
      if (!(await until(() => isStored(ctx, sent.size)))) problems.push("the queues were not drained");
      if (!(await until(isTailed))) {
        problems.push(`the live tail missed ${[...sent].filter((id) => !tail.ids.has(id)).length} events`);
      }
      await tail.close();
      Object.assign(counts, { tailed: tail.ids.size, streams: tail.streams() });
      return [...problems, ...(await checkRows(ctx, sent)), ...(await checkJobs(ctx, jobs))];
    },
    summary: () =>
      Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(", "),
  };
}

async function isStored(ctx: Context, count: number): Promise<boolean> {
  const [row] = await ctx.db.sql<{ rows: number }[]>`select count(*)::int as rows from access_logs`;
  return (row?.rows ?? 0) >= count;
}

async function checkRows(ctx: Context, sent: ReadonlySet<string>): Promise<string[]> {
  const rows = await ctx.db.sql<{ id: string }[]>`select id from access_logs`;
  const stored = new Set(rows.map(({ id }) => id));
  const missing = [...sent].filter((id) => !stored.has(id)).length;
  return missing === 0 && rows.length === stored.size
    ? []
    : [`${missing} events are missing, ${rows.length - stored.size} are stored twice`];
}

async function checkJobs(ctx: Context, ids: ReadonlySet<string>): Promise<string[]> {
  const unfinished = () =>
    ctx.db.sql<{ id: string; status: string; error: unknown }[]>`
      select id, status, error from jobs where id = any(${[...ids]}::uuid[]) and status <> 'completed'`;
  await until(async () => (await unfinished()).every(({ status }) => !["queued", "running"].includes(status)));
  return (await unfinished()).map(({ id, status, error }) => `job ${id} is ${status}: ${JSON.stringify(error)}`);
}
