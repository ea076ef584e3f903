import type { SqlExecutor } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Archive } from "../archives/records";
import type { Period } from "../cleanup/expiry";

/**
 * Records that rows of an archive are being restored, and until when the automatic cleanup skips them. For the same
 * period the latest value applies.
 */
export async function recordRestored(
  tx: SqlExecutor,
  archive: Archive,
  { from, to }: Period,
  { keepUntil, by }: { keepUntil: Instant; by: string },
): Promise<void> {
  const { count } = await tx`
    update archives set state = 'pending', removed_at = null
    where id = ${archive.id} and state in ('pending', 'removed')`;
  if (count === 0) throw new AppError("archive.expired", {});
  const { count: known } = await tx`
    update restored_periods set keep_until = ${keepUntil}, created_by = ${by}
    where archive_id = ${archive.id} and starts_at = ${from} and ends_at = ${to}`;
  if (known > 0) return;
  await tx`
    insert into restored_periods (id, archive_id, table_name, starts_at, ends_at, keep_until, created_by)
    values (gen_random_uuid(), ${archive.id}, ${archive.table}, ${from}, ${to}, ${keepUntil}, ${by})`;
}
