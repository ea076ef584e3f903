import { isClockAccurate } from "@/server/db/clock";
import type { FileStore } from "@/server/files";
import type { Context } from "@/server/process/context";
import { EXPORTS, filePathOf, runOf } from "./folder";

/** A finished file precedes its record by milliseconds. */
const UNRECORDED_MS = 3_600_000;

/**
 * Removes files that interrupted processes left in the stores of this process: incomplete files of jobs that are not
 * running, and files without a record for an hour. Called when a worker starts, and nightly.
 * @throws AppError files.*
 */
export async function sweepExports(ctx: Context): Promise<void> {
  // File times are by the clock of the store.
  const hasClock = await isClockAccurate(ctx.db.sql);
  for (const store of ctx.files.all) {
    await store.removeIncomplete(EXPORTS, (key) => isRunning(ctx, key));
    await adoptFiles(ctx, store);
    if (hasClock) await removeUnrecorded(ctx, store);
  }
}

async function isRunning(ctx: Context, key: string): Promise<boolean> {
  const run = runOf(key);
  if (!run) return false;
  const rows = await ctx.db.sql`
    select from jobs
    where kind = 'export' and status = 'running'
      and right(replace(id::text, '-', ''), 12) = ${run.jobDigits} and attempt = ${run.attempt}`;
  return rows.length > 0;
}

/** Sets the store in records of version 0.1, which do not name one. */
async function adoptFiles(ctx: Context, store: FileStore): Promise<void> {
  const unknown = await ctx.db.sql<{ id: string; file_name: string; size_bytes: string }[]>`
    select id, file_name, size_bytes from exports where store is null`;
  for (const { id, file_name, size_bytes } of unknown) {
    const file = await store.stat(filePathOf(file_name));
    if (file?.sizeBytes === Number(size_bytes))
      await ctx.db.sql`update exports set store = ${store.id} where id = ${id} and store is null`;
  }
}

async function removeUnrecorded(ctx: Context, store: FileStore): Promise<void> {
  const old: string[] = [];
  for await (const { key, modifiedAt } of store.list(EXPORTS)) {
    if (ctx.now().getTime() - modifiedAt.getTime() > UNRECORDED_MS) old.push(key.slice(EXPORTS.length));
  }
  const known = await ctx.db.sql<{ file_name: string }[]>`
    select file_name
    from exports
    where file_name = any(${old}::text[]) and (store is null or store = ${store.id})`;
  const recorded = new Set(known.map((row) => row.file_name));
  for (const name of old) if (!recorded.has(name)) await store.remove(filePathOf(name));
}
