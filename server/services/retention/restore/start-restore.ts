import type { LogTableName } from "@/server/catalog";
import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { cleanupKey, getJob, insertJob, startJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { type Archive, archivesIn, findArchive } from "../archives/records";
import type { RestoreInput, RestoresInput } from "../contract";
import { readRestoreParams } from "./params";

/**
 * Starts a restore of an archive, or of its rows from start_date to end_date.
 * @throws AppError NOT_FOUND, UNPROCESSABLE, CONFLICT that names a running cleanup or restore of the same table
 */
export async function startRestore(ctx: Context, principal: Principal, input: RestoreInput): Promise<Job> {
  const archive = await findArchive(ctx.db.sql, input.archive_id);
  const { keepUntil } = await readRestoreParams(ctx, input);
  const { table, month, store } = archive;
  const params = { ...input, keep_until: input.keep_until ?? keepUntil, table, month };
  const job = await startJob(ctx, "restore", params, { principal, exclusiveKey: cleanupKey(table), store });
  await recordAudit(ctx, principal, "restore.start", { job_id: job.job_id, ...job.params });
  return job;
}

/**
 * Starts restores of several archives, or of all with rows in a range: one job for each table, or none.
 * @throws AppError as startRestore; archive.several_stores if no worker may have all files of a table
 */
export async function startRestores(
  ctx: Context,
  principal: Principal,
  { archive_ids, table: only, ...range }: RestoresInput,
): Promise<Job[]> {
  const { requested, keepUntil } = await readRestoreParams(ctx, range);
  if (archive_ids === undefined && (requested.from === undefined || requested.to === undefined))
    throw invalidInput([fieldError("archive_ids", "input.missing", {})]);
  const found =
    archive_ids === undefined
      ? await archivesIn(ctx.db.sql, requested, only)
      : await Promise.all([...new Set(archive_ids)].map((id) => findArchive(ctx.db.sql, id)));
  const wanted = found.filter(({ table, period: { from, to } }) => {
    const isInRange = (requested.to === undefined || from < requested.to) && (requested.from ?? from) < to;
    return isInRange && (only === undefined || table === only);
  });
  if (wanted.length === 0) throw new AppError("archive.no_rows", {});
  const tables = new Map<LogTableName, Archive[]>();
  for (const archive of wanted) tables.set(archive.table, [...(tables.get(archive.table) ?? []), archive]);
  const ids = await ctx.db.sql.begin(async (tx) => {
    const started: string[] = [];
    for (const [table, archives] of tables) {
      const [store, ...others] = new Set(archives.map((one) => one.store));
      if (others.length > 0) throw new AppError("archive.several_stores", { table });
      const params = {
        ...range,
        archive_ids: archives.map(({ id }) => id),
        keep_until: range.keep_until ?? keepUntil,
        table,
        month: monthsOf(archives),
      };
      const job = await insertJob(tx, "restore", params, { principal, exclusiveKey: cleanupKey(table), store });
      await recordAudit(ctx, principal, "restore.start", { job_id: job.id, ...job.params }, tx);
      started.push(job.id);
    }
    return started;
  });
  return await Promise.all(ids.map((id) => getJob(ctx, id)));
}

function monthsOf(archives: readonly Archive[]): string {
  const months = archives.map(({ month }) => month).sort();
  const [first = "", last = first] = [months[0], months.at(-1)];
  return first === last ? first : `${first} – ${last}`;
}
