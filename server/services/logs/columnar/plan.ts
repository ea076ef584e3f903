import { sql } from "drizzle-orm";
import { type BrowsedTable, LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { QueryEngine } from "@/server/columnar";
import type { Orm } from "@/server/db/client";
import { AppError, fileErrorCode } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { OpenArchives } from "@/server/services/archive-files";
import { restrictParts } from "@/server/services/segment-blocks";
import {
  availableSegmentFiles,
  type CoveredPart,
  coverageOf,
  type Segment,
  type TimeRange,
} from "@/server/services/segment-files";
import type { ReadFilters } from "../filters";
import { ReadTimeout, readWithin } from "../limits";
import type { ReadableFile } from "./valid-rows";
import { withFiles } from "./with-files";

/** Fewer rows are read faster from PostgreSQL than DuckDB starts. */
const MIN_ROWS = 10_000;
const HOUR_MS = 3_600_000;

/** What a query reads from columns, and what it reads from PostgreSQL in the same snapshot. */
export interface ColumnarPlan {
  readonly db: Orm;
  readonly parts: readonly PlannedPart[];
  readonly dirty: readonly TimeRange[];
  readonly archived: OpenArchives | null;
  /** The rows of the parts, including those of the first and last hour outside of the requested range. */
  readonly rowCount: number;
  /** Like rowCount, including blocks of rows that cannot match. */
  readonly coveredRows: number;
  /** Reads the parts: DuckDB, or the server of EXPLORE_URL if it can read all of them. Archives are read by DuckDB. */
  readonly engine: QueryEngine;
  /** Aborts at the time limit. */
  readonly signal: AbortSignal;
  /** Returns the verified files of parts. @throws FilesNeeded if they must be fetched first; AppError */
  readonly filesOf: (parts: readonly PlannedPart[]) => Promise<ReadableFile[]>;
}

export interface PlannedPart extends CoveredPart {
  /** Whether all rows of its file are valid. */
  readonly isWhole: boolean;
}

/**
 * Runs `work` with a plan in one REPEATABLE READ snapshot, a second time if the engine failed or a file was damaged.
 * With `isRequired`, columns answer however few rows they contain, or the call fails. With `isLocal`, DuckDB answers.
 * @returns undefined if columns cannot answer, or would not be faster; the caller reads everything from PostgreSQL
 * @throws an error for which isTimeout is true, those of PostgreSQL, and those of columns if archived rows count
 */
export async function inColumns<T>(
  ctx: Context,
  table: BrowsedTable,
  {
    from,
    before,
    blocks,
    archived: openArchived,
    isRequired = false,
    isLocal = false,
  }: Pick<ReadFilters, "from" | "before" | "blocks" | "archived"> & {
    readonly isRequired?: boolean;
    readonly isLocal?: boolean;
  },
  milliseconds: number,
  work: (plan: ColumnarPlan) => Promise<T>,
): Promise<T | undefined> {
  if (!isLogTable(table)) return undefined;
  const { name } = table;
  const signal = AbortSignal.timeout(milliseconds);
  // Before the connection, so that the waiting reads of a user leave those of the pool to others.
  const release = await ctx.columnar.takeRead({ signal }).catch((error: unknown) => {
    throw signal.aborted ? new ReadTimeout() : error;
  });
  try {
    return await attempts();
  } finally {
    release();
  }

  async function attempts(): Promise<T | undefined> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      try {
        const answer = async (db: Orm) => {
          const archived = (await openArchived?.(db, { from, before, blocks })) ?? null;
          try {
            const options = { signal, isLocal: isLocal || archived !== null };
            const plan = await planOf(ctx, db, name, { from, before, blocks }, options);
            return !isRequired && archived === null && plan.coveredRows < MIN_ROWS
              ? undefined
              : await work({ ...plan, archived });
          } finally {
            await archived?.close();
          }
        };
        return await withFiles(ctx, milliseconds, () => readWithin(ctx, milliseconds, answer, table));
      } catch (error) {
        if (signal.aborted) throw new ReadTimeout();
        if (!isFailureOfColumns(error)) throw error;
        // The engine logs once that it cannot start.
        if (!(error instanceof AppError && error.code === "columnar.unavailable"))
          ctx.log.warn({ err: error, table: name, attempt }, "columns could not answer a query");
        // Without columns, archived rows would be missing.
        if ((openArchived || isRequired) && (attempt === 2 || !isTransient(error))) throw error;
        if (!isTransient(error)) break;
      }
    }
    return undefined;
  }
}

export function isLogTable(table: BrowsedTable): table is BrowsedTable & { readonly name: LogTableName } {
  return LOG_TABLE_NAMES.some((name) => name === table.name);
}

async function planOf(
  ctx: Context,
  db: Orm,
  table: LogTableName,
  { blocks, ...range }: Pick<ReadFilters, "from" | "before" | "blocks">,
  { signal, isLocal }: { readonly signal: AbortSignal; readonly isLocal: boolean },
): Promise<ColumnarPlan> {
  const { parts: covered, dirty } = await coverageOf(ctx, db, table, range);
  const parts = blocks ? await restrictParts(db, covered, blocks) : covered;
  const rowCounts = await rowCountsOf(db, parts);
  const remote =
    isLocal || !parts.every(({ segment }) => isInObjectStore(ctx, segment)) ? undefined : ctx.columnar.remote;
  return {
    db,
    dirty,
    engine: remote ?? ctx.columnar,
    signal,
    archived: null,
    parts: parts.map((part) => ({ ...part, isWhole: rowCounts.get(part.segment.id) === part.rowCount })),
    rowCount: sumOf(parts),
    coveredRows: sumOf(covered),
    filesOf: async (wanted) => {
      const segments = wanted.map(({ segment }) => segment);
      const files = remote ? segments.map(({ path }) => path) : await availableSegmentFiles(ctx, segments);
      return wanted.flatMap(({ ranges, isWhole }, index) =>
        files
          .slice(index, index + 1)
          .map((path) => ({ table, path, ...(isWhole ? { extent: extentOf(ranges) } : { ranges }) })),
      );
    },
  };
}

function isInObjectStore({ files }: Context, { store }: Segment): boolean {
  return files.all.some(({ id, target }) => id === store && target.kind === "s3");
}

/** The hours from the first to the last of ranges, newest first, whole if they are clipped. */
function extentOf(ranges: readonly TimeRange[]): TimeRange {
  const hourOf = (time: Instant) => `${time.slice(0, 13)}:00:00.000000Z`;
  const from = hourOf(ranges.at(-1)?.from ?? "");
  const last = ranges[0]?.to ?? "";
  const to = hourOf(last) === last ? last : hourOf(instantOf(new Date(Date.parse(last) + HOUR_MS)));
  return { from, to };
}

function sumOf(parts: readonly CoveredPart[]): number {
  return parts.reduce((sum, part) => sum + part.rowCount, 0);
}

/** The number of rows in the file of each part. */
async function rowCountsOf(db: Orm, parts: readonly CoveredPart[]): Promise<ReadonlyMap<string, number>> {
  if (parts.length === 0) return new Map();
  const rows = await db.execute<{ id: string; row_count: string }>(
    sql`select id, row_count from segments where id in ${parts.map(({ segment }) => segment.id)}`,
  );
  return new Map(rows.map(({ id, row_count }) => [id, Number(row_count)]));
}

/** Errors of the engine, of files, and of the file system, such as that of a full disk. */
function isFailureOfColumns(error: unknown): boolean {
  if (!(error instanceof AppError)) return fileErrorCode(error) !== undefined;
  return /^(?:columnar\.|files\.|server\.internal$)/.test(error.code);
}

/** Whether a second attempt can succeed: the engine is restarted, and damaged files are read from PostgreSQL. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const { code } = error;
  return code === "columnar.engine_failed" || code === "columnar.file_damaged" || code === "columnar.segment_damaged";
}
