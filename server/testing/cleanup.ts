import { randomUUID } from "node:crypto";
import { type LogTableName, logTables } from "@/server/catalog";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { type CsvRecord, readCsvRecords } from "@/server/services/archive-files/archive-csv";
import type { StoredArchive } from "@/server/services/archive-files/files";
import { readArchiveCsv } from "@/server/services/archive-files/read-archive";
import { type JobRun, UNFENCED } from "@/server/services/jobs";
import type { CleanupParams } from "@/server/services/retention/contract";

/** Creates a job run as a worker would. */
export function jobRun<Params>(params: Params, given: Partial<JobRun<Params>> = {}): JobRun<Params> {
  return {
    id: randomUUID(),
    params,
    requestedBy: "somebody",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
    ...given,
  };
}

export function cleanupParams(given: Partial<CleanupParams> = {}): CleanupParams {
  return { task_type: "access_logs", days_to_keep: 90, dry_run: false, archive: true, keep_restored: false, ...given };
}

/**
 * Fills access_logs with `perMonth` rows in each of `months` (`2026-01`), with varied values: null and empty text,
 * quotes, line breaks, commas, a line with a backslash and a dot, JSON, microseconds, various scripts.
 */
export async function fillAccessLogs(ctx: Context, months: readonly string[], perMonth: number): Promise<void> {
  await ensurePartitions(ctx.db.ddl.access_logs, "access_logs", months);
  for (const month of months) {
    await ctx.db.sql`
      insert into access_logs
        (id, created_at, user_id, session_id, ip_address, user_agent, referer, request_path, response_time, extra)
      select
        gen_random_uuid(),
        ${`${month}-01T00:00:00Z`}::timestamptz + i * (interval '27 days' / ${perMonth}::int) + interval '1 microsecond',
        case i % 4 when 0 then null when 1 then '' when 2 then 'a "quoted" one' else ${"two\r\nlines"} end,
        case i % 3 when 0 then null else '' end,
        case i % 2 when 0 then '203.0.113.7'::inet else '2001:db8::1/64'::inet end,
        case i % 5 when 0 then ${"\n\\.\n"} when 1 then ${"\\."} when 2 then '\N' when 3 then '=1+1,"' else '中文 🚀' end,
        case i % 3 when 0 then null else '"' end,
        '/orders/' || i || repeat('x', i % 300),
        case i % 7 when 0 then null else i end,
        case i % 4
          when 0 then null
          when 1 then 'null'::jsonb
          when 2 then jsonb_build_object('a', ${'"\n'}::text, 'n', 12345678901234567890)
          else '""'::jsonb
        end
      from generate_series(1, ${perMonth}::int) i`;
  }
}

/** Returns all rows of the table as text, by ID. */
export async function tableRows(ctx: Context, table: LogTableName): Promise<Map<string, string>> {
  const rows = await ctx.db.sql.unsafe<{ id: string; text: string }[]>(
    `select id, row_to_json(logs)::text as text from ${logTables[table].tableName} logs`,
  );
  return new Map(rows.map(({ id, text }) => [id, text]));
}

/** Returns all rows of the table with all columns, each as text in the format of archivedVersions. */
export async function tableVersions(ctx: Context, table: LogTableName): Promise<string[]> {
  const { columns, tableName } = logTables[table];
  const names = columns.map((column) => column.name).join(", ");
  const stream = await ctx.db.sql.unsafe(`copy (select ${names} from ${tableName}) to stdout (format csv)`).readable();
  const versions: string[] = [];
  for await (const records of readCsvRecords(stream)) versions.push(...records.map((row) => JSON.stringify(row)));
  return versions;
}

async function validArchives(ctx: Context, table: LogTableName): Promise<readonly StoredArchive[]> {
  return await ctx.db.sql<StoredArchive[]>`
    select path, store, size_bytes::float8 as "sizeBytes", sha256
    from archives
    where table_name = ${table} and state in ('pending', 'removed') and problem is null`;
}

/** Returns all rows of all valid archives. */
export async function archivedVersions(ctx: Context, table: LogTableName): Promise<string[]> {
  const archives = await validArchives(ctx, table);
  const versions: string[] = [];
  for (const archive of archives) {
    const rows: CsvRecord[] = [];
    for await (const records of readArchiveCsv(ctx, archive)) {
      rows.push(...records);
    }
    // The first record is the header.
    versions.push(...rows.slice(1).map((row) => JSON.stringify(row)));
  }
  return versions;
}

/** Returns the IDs in each valid archive, excluding files that are being written. */
export async function archivedIds(ctx: Context, table: LogTableName): Promise<string[]> {
  const archives = await validArchives(ctx, table);
  const ids: string[] = [];
  for (const archive of archives) {
    for await (const records of readArchiveCsv(ctx, archive)) {
      ids.push(...records.map((record) => record[0] ?? "").filter((id) => id !== "id"));
    }
  }
  return ids;
}
