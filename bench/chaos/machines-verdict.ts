import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { z } from "zod";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { manifestPath } from "@/server/services/archive-files";
import { expireExports } from "@/server/services/exports";
import { startJob, waitForJob } from "@/server/services/jobs";
import { archivedIds } from "@/server/testing/cleanup";
import type { Site } from "./machines-site";
import { until } from "./until";

const API = "/api/v1/batch-processing";
/** Files without a record are removed after an hour. */
const LATER_MS = 2 * 3_600_000;
/** For how long a download is repeated. */
const DOWNLOAD_MS = 60_000;

interface FileRecord {
  readonly id: string;
  readonly kind: "export" | "archive";
  readonly path: string;
  readonly sha256: string;
}

/** Checks the files after all jobs have ended. @param ids the IDs of the original access logs */
export async function checkFiles(
  site: Site,
  jobs: readonly string[],
  ids: ReadonlySet<string>,
  note: (text: string) => void,
): Promise<string[]> {
  const { ctx } = site;
  const problems = [...(await checkJobs(ctx, jobs, note)), ...(await checkDamage(ctx))];
  const files = await recordedFiles(ctx);
  note(`${files.length} files; each is downloaded from every web process`);
  for (const file of files) problems.push(...(await checkDownloads(site, file, note)));
  problems.push(...(await checkRows(ctx, ids)), ...(await checkOrphans(ctx)), ...(await checkDisks(site)));
  return problems;
}

async function checkJobs(ctx: Context, ids: readonly string[], note: (text: string) => void): Promise<string[]> {
  const jobs = await ctx.db.sql<{ id: string; kind: string; status: string; attempt: number; error: unknown }[]>`
    select id, kind, status, attempt, error from jobs where id = any(${[...ids]}::uuid[])`;
  const counts = new Map<string, number>();
  for (const { kind, status } of jobs) counts.set(`${kind} ${status}`, (counts.get(`${kind} ${status}`) ?? 0) + 1);
  note([...counts].map(([name, count]) => `${count} ${name}`).join(", "));
  note(`${jobs.reduce((sum, { attempt }) => sum + attempt, 0)} attempts`);
  const died = z.object({ code: z.literal("job.worker_died") });
  return jobs
    .filter(({ status, error }) => status !== "completed" && !died.safeParse(error).success)
    .map(({ id, kind, status, error }) => `${kind} ${id} is ${status}: ${JSON.stringify(error)}`);
}

async function checkDamage(ctx: Context): Promise<string[]> {
  const damaged = await ctx.db.sql<{ id: string; problem: unknown }[]>`
    select id, problem from archives where problem is not null`;
  const alerts = await ctx.db.sql<{ subject: string }[]>`select subject from alerts where rule = 'archive_damaged'`;
  return [
    ...damaged.map(({ id, problem }) => `archive ${id} is marked as damaged: ${JSON.stringify(problem)}`),
    ...alerts.map(({ subject }) => `an alert reported archive ${subject} as damaged`),
  ];
}

async function recordedFiles(ctx: Context): Promise<FileRecord[]> {
  return await ctx.db.sql<FileRecord[]>`
    select id::text, 'export' as kind, 'exports/' || file_name as path, sha256 from exports
    union all
    select id::text, 'archive', path, sha256 from archives where state in ('pending', 'removed')`;
}

async function checkDownloads(
  { urls, key }: Site,
  { id, kind, path, sha256 }: FileRecord,
  note: (text: string) => void,
): Promise<string[]> {
  const target = kind === "export" ? `/download?file_path=${encodeURIComponent(path)}` : `/archives/${id}/download`;
  const found = await Promise.all(
    urls.map(async (url) => {
      let problem: string | null = "no answer";
      await until(async () => {
        const response = await fetch(`${url}${API}${target}`, { headers: { authorization: `Bearer ${key}` } });
        const bytes = Buffer.from(await response.arrayBuffer());
        if (!response.ok) problem = `${response.status} ${bytes.toString().slice(0, 200)}`;
        else if (createHash("sha256").update(bytes).digest("hex") === sha256) problem = null;
        else problem = "other content";
        // A busy process may answer with 503 and Retry-After.
        if (response.status === 503) note(`${path} from ${url}: ${problem}`);
        return response.status !== 503;
      }, DOWNLOAD_MS);
      return problem === null ? [] : [`${path} from ${url}: ${problem}`];
    }),
  );
  return found.flat();
}

/** Each original row is in the table or in an archive. */
async function checkRows(ctx: Context, ids: ReadonlySet<string>): Promise<string[]> {
  const rows = await ctx.db.sql<{ id: string }[]>`select id from access_logs`;
  const found = new Set([...rows.map(({ id }) => id), ...(await archivedIds(ctx, "access_logs"))]);
  const lost = [...ids].filter((id) => !found.has(id)).length;
  return lost === 0 && found.size === ids.size ? [] : [`${lost} of ${ids.size} rows are lost, ${found.size} exist`];
}

/** After a cleanup and the sweep, the store contains the recorded files and nothing else. */
async function checkOrphans(ctx: Context): Promise<string[]> {
  const params = { task_type: "access_logs", days_to_keep: 3_650 } as const;
  const { job_id } = await startJob(ctx, "cleanup", params, { principal: COMMAND_LINE });
  const cleanup = await waitForJob(ctx, job_id, { seconds: 120 });
  await expireExports({ ...ctx, now: () => new Date(Date.now() + LATER_MS) });
  const recorded = new Set(
    (await recordedFiles(ctx)).flatMap(({ kind, path }) => (kind === "archive" ? [path, manifestPath(path)] : [path])),
  );
  const problems: string[] = cleanup.status === "completed" ? [] : [`the last cleanup is ${cleanup.status}`];
  const incomplete: string[] = [];
  for (const folder of ["exports/", "archives/"]) {
    for await (const { key } of ctx.files.current.list(folder)) {
      if (!recorded.delete(key)) problems.push(`${key} has no record`);
    }
  }
  const months = await ctx.db.sql<{ folder: string }[]>`
    select distinct regexp_replace(path, '[^/]+$', '') as folder from archives`;
  for (const folder of ["exports/", ...months.map((month) => month.folder)]) {
    await ctx.files.current.removeIncomplete(folder, async (key) => {
      incomplete.push(key);
      return true;
    });
  }
  return [
    ...problems,
    ...[...recorded].map((key) => `${key} is missing`),
    ...incomplete.map((key) => `${key} is an incomplete upload`),
  ];
}

async function checkDisks({ machines }: Site): Promise<string[]> {
  const names = await Promise.all(machines.map(({ dataDir }) => readdir(dataDir)));
  return names
    .flat()
    .filter((name) => name !== "disk-id")
    .map((name) => `${name} is on the disk of a machine`);
}
