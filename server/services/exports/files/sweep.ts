import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { LOCKS } from "@/server/db/advisory-locks";
import { isClockAccurate } from "@/server/db/clock";
import type { Context } from "@/server/process/context";
import { exportsFolder, jobOfPart } from "./folder";

/** The renaming of a finished file precedes its record by milliseconds. */
const UNRECORDED_MS = 3_600_000;

/**
 * Removes files that killed processes left in the exports folder: partial files of jobs that are not running, and files
 * without a record for an hour. Called when a worker starts, and nightly.
 */
export async function sweepExports(ctx: Context): Promise<void> {
  const folder = exportsFolder(ctx.config);
  const names = await readdir(folder).catch(() => []);
  const parts = names.filter((name) => jobOfPart(name) !== undefined);
  for (const name of parts) {
    if (await isRunning(ctx, jobOfPart(name) ?? "")) continue;
    await rm(path.join(folder, name), { force: true });
  }
  // File times are by this machine's clock.
  if (!(await isClockAccurate(ctx.db.sql))) return;
  const finished = names.filter((name) => !parts.includes(name));
  const known = await ctx.db.sql<{ file_name: string }[]>`
    select file_name from exports where file_name = any(${finished}::text[])`;
  const recorded = new Set(known.map((row) => row.file_name));
  for (const name of finished) {
    if (!recorded.has(name) && (await isOld(path.join(folder, name), ctx.now()))) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}

/** Removes the partial files of earlier attempts of a job. */
export async function removeParts(folder: string, jobId: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(
    names.filter((name) => jobOfPart(name) === jobId).map((name) => rm(path.join(folder, name), { force: true })),
  );
}

/** Returns whether an export is running, by the lock of the connection that reads its rows. */
async function isRunning(ctx: Context, jobId: string): Promise<boolean> {
  const [row] = await ctx.db.sql<{ free: boolean }[]>`
    select pg_try_advisory_xact_lock(${LOCKS.export}, hashtext(${jobId})) as free`;
  return !row?.free;
}

async function isOld(file: string, now: Date): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats?.isFile() === true && now.getTime() - stats.mtimeMs > UNRECORDED_MS;
}
