import { logTables } from "@/server/catalog";
import { jobProblemText } from "@/server/catalog/job-problem";
import type { Context } from "@/server/context";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/errors";
import type { JobParams, JobRun } from "@/server/services/jobs";
import type { Instant } from "@/server/time";
import type { CsvRecord } from "../archive/csv-rows";
import { placeOf, readRecords } from "../archive/files";
import { type Archive, findArchive, recordVerified } from "../archive/records";
import { problemOf } from "../archive/verify";
import { makeBreath } from "../cleanup/breath";
import type { Period } from "../cleanup/expiry";
import { hoursOf, touchPeriod } from "../counters";
import { withMaintenance } from "../maintenance";
import { forgetPartitions, makePartitionsFor } from "../partitions";
import { arrayLiterals, INSERT_STATEMENTS } from "../sql";
import type { Row } from "../types";
import { readRestoreParams } from "./params";
import { recordRestored } from "./periods";

export type RestoreParams = JobParams<"restore">;

export interface RestoreResult {
  readonly archive_id: string;
  readonly table: string;
  /** Rows of the archive in the asked period. */
  readonly matched_count: number;
  readonly restored_count: number;
  /** Those that were in the table already. */
  readonly present_count: number;
  /** The automatic cleanup leaves them alone until then. */
  readonly keep_until: Instant;
}

/**
 * The work of a restore job: puts the rows of an archive, or of a period of it, back into their table. Rows that are
 * there stay as they are, so that it can be repeated.
 * @throws AppError NOT_FOUND, UNPROCESSABLE; CONFLICT when the archive is damaged, the table has other maintenance,
 * or when it was stopped. What was restored by then stays
 */
export async function runRestore(ctx: Context, job: JobRun<RestoreParams>): Promise<RestoreResult> {
  const archive = await findArchive(ctx.db.sql, job.params.archive_id);
  const { asked, keepUntil } = readRestoreParams(ctx, job.params);
  const period = overlap(archive.period, asked);
  return await withMaintenance(ctx, archive.table, job.fence, async ({ transaction }) => {
    job.progress({ done: 0, total: null, unit: "rows", phase: "verifying" });
    await requireSound(ctx, archive);
    // Before the first row, so that the next cleanup knows that the archive and the table share rows.
    await transaction((tx) => recordRestored(tx, archive, period, { keepUntil, by: job.requestedBy }));
    forgetPartitions(ctx, archive.table);
    const breathe = makeBreath(ctx, job.signal);
    // How many a part of it has, the file tells when it is read.
    const total = isWhole(archive.period, period) ? archive.rowCount : null;
    let matched = 0;
    let restored = 0;
    for await (const rows of rowsOf(ctx, archive, period)) {
      job.signal.throwIfAborted();
      const begin = Date.now();
      await makePartitionsFor(ctx, archive.table, rows);
      const statement = INSERT_STATEMENTS[archive.table].skipping;
      const parameters = arrayLiterals(logTables[archive.table].columns, rows);
      restored += await transaction(async (tx) => {
        for (const hour of hoursOf(rows))
          await touchPeriod(tx, archive.table, hour, hour.replace(":00Z", ":59:59.999999Z"));
        return (await tx.unsafe(statement, parameters, { prepare: true })).count;
      });
      matched += rows.length;
      job.progress({ done: matched, total, unit: "rows", phase: "restoring" });
      await breathe(Date.now() - begin);
    }
    job.progress({ done: matched, total: matched, unit: "rows", phase: "restoring" });
    return {
      archive_id: archive.id,
      table: archive.table,
      matched_count: matched,
      restored_count: restored,
      present_count: matched - restored,
      keep_until: keepUntil,
    };
  });
}

async function requireSound(ctx: Context, archive: Archive): Promise<void> {
  const problem = await problemOf(ctx, archive);
  await recordVerified(ctx.db.sql, archive.id, problem);
  if (problem !== null) throw new AppError("CONFLICT", jobProblemText("archive_damaged", { reason: problem }));
}

function overlap(whole: Period, asked: Partial<Period>): Period {
  const from = asked.from !== undefined && asked.from > whole.from ? asked.from : whole.from;
  const to = asked.to !== undefined && asked.to < whole.to ? asked.to : whole.to;
  if (from >= to) throw new AppError("UNPROCESSABLE", jobProblemText("archive_without_rows"));
  return { from, to };
}

function isWhole(whole: Period, { from, to }: Period): boolean {
  return from === whole.from && to === whole.to;
}

/** The archive's rows of a period, in batches, each with the table's columns in their order. */
async function* rowsOf(ctx: Context, archive: Archive, period: Period): AsyncGenerator<Row[]> {
  let toRow: ((record: CsvRecord) => Row) | undefined;
  let rows: Row[] = [];
  for await (const records of readRecords(placeOf(ctx, archive.path).file)) {
    for (const record of records) {
      if (!toRow) {
        toRow = makeRowReader(archive, record);
        continue;
      }
      const row = toRow(record);
      const time = toIsoMicroseconds(row[1] ?? "");
      // The file is in the order of time.
      if (time >= period.to) {
        if (rows.length > 0) yield rows;
        return;
      }
      if (time < period.from) continue;
      if (rows.push(row) === ctx.config.maxBatchSize) {
        yield rows;
        rows = [];
      }
    }
  }
  if (rows.length > 0) yield rows;
}

/** Reads records by the file's own header: an archive outlives changes of its table. */
function makeRowReader(archive: Archive, header: CsvRecord): (record: CsvRecord) => Row {
  const { columns } = logTables[archive.table];
  const unknown = header.filter((name) => !columns.some((column) => column.name === name));
  if (unknown.length > 0) {
    throw new AppError("CONFLICT", jobProblemText("archive_columns", { names: unknown.join(", ") }));
  }
  const positions = columns.map((column) => header.indexOf(column.name));
  return (record) => positions.map((position) => (position === -1 ? null : (record[position] ?? null)));
}
