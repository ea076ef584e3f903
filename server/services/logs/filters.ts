import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { errorValue, type FieldError } from "@/server/catalog/errors";
import { FILTER_PARAMETER, FilterSyntaxError, parseFilter } from "@/server/catalog/filter";
import { fieldError, invalidInput, MAX_PROBLEMS } from "@/server/lib/errors";
import { type Instant, parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import type { OpenArchives } from "@/server/services/archive-files";
import type { Executor } from "@/server/services/segment-files";
import { type Condition, conditionReaders, FilterProblem } from "./column-conditions";
import { countedIn, evaluatedOnce, MAX_COUNTED } from "./columnar/evaluate-once";
import type { LogFilters } from "./contract";
import { expressionConditions } from "./filter-expression";

/** Opens the archived rows of a time range in the snapshot in which the table is read; null if none can match. */
export type OpenArchived = (
  db: Executor,
  range: Pick<ReadFilters, "from" | "before" | "blocks">,
) => Promise<OpenArchives | null>;

/** The conditions of a list as SQL, with values as parameters. */
export interface ReadFilters {
  /** Only on created_at: `from` and `before`. */
  readonly range: readonly SQL[];
  readonly from?: Instant;
  readonly before?: Instant;
  readonly columns: readonly SQL[];
  /** `columns` in the dialects of columns, for the files of server/columnar/layout.ts. */
  readonly columnar: readonly SQL[];
  /**
   * The indexed part of `columns`, a superset of the rows; undefined if no index helps. Separate, because both together
   * would make PostgreSQL expect far too few rows.
   */
  readonly indexed?: readonly SQL[];
  /** The condition on segment_blocks and archive_blocks of those that may have matching rows; undefined if each may have some. */
  readonly blocks?: SQL;
  /** Whether an expression determines the form of the conditions. */
  readonly isAdHoc?: boolean;
  /** Set if archived rows also count. Only columns can answer then. */
  readonly archived?: OpenArchived;
  /** Whether part of `indexed` uses the index that includes the time of a row. */
  readonly hasValues?: boolean;
}

/**
 * Converts filters into SQL conditions.
 * @throws AppError UNPROCESSABLE that names the first unknown filters and invalid values, and an end before the start
 */
export function filterConditions(table: BrowsedTable, query: LogFilters, timeZone: string): SQL[] {
  const { range, columns } = readFilters(table, query, timeZone);
  return [...range, ...columns];
}

/** Like filterConditions, with the indexed part separate. */
export function readFilters(table: BrowsedTable, query: LogFilters, timeZone: string): ReadFilters {
  const range: SQL[] = [];
  const columns: SQL[] = [];
  const columnars: SQL[] = [];
  const indexed: SQL[] = [];
  let hasValues = false;
  const problems: FieldError[] = [];
  const take = (path: string, make: () => void) => {
    try {
      make();
    } catch (error) {
      if (error instanceof FilterProblem) problems.push({ path, ...error.problem });
      else if (error instanceof FilterSyntaxError) problems.push({ path, ...error.problem, position: error.position });
      else throw error;
    }
  };
  const { start_date, end_date } = query;
  let from: Instant | undefined;
  let before: Instant | undefined;
  if (start_date !== undefined) {
    take("start_date", () => {
      from = requireInstant(parseRangeStart(start_date, timeZone));
      range.push(sql`created_at >= ${from}::timestamptz`);
    });
  }
  if (end_date !== undefined) {
    take("end_date", () => {
      before = requireInstant(parseRangeEnd(end_date, timeZone));
      range.push(sql`created_at < ${before}::timestamptz`);
    });
  }
  if (from !== undefined && before !== undefined && from >= before)
    problems.push(fieldError("end_date", "input.before_start", {}));
  const readers = conditionReaders(table);
  const blocks: SQL[] = [];
  const add = ({ condition, columnar = condition, blocks: inBlocks, found, isOfValues }: Condition) => {
    columns.push(condition);
    if (inBlocks) blocks.push(inBlocks);
    columnars.push(columnar);
    if (found) indexed.push(found);
    if (isOfValues) hasValues = true;
  };
  for (const [path, value] of Object.entries(query.filters ?? {})) {
    if (problems.length >= MAX_PROBLEMS) break;
    const reader = readers.get(path);
    if (path === FILTER_PARAMETER)
      take(path, () => {
        const conditions = expressionConditions(table, parseFilter(value), timeZone);
        if (countedIn(conditions.flatMap(({ columnar }) => columnar ?? [])) > MAX_COUNTED)
          throw new FilterProblem(errorValue("input.filter_documents", { max: MAX_COUNTED }));
        conditions.forEach(add);
      });
    else if (!reader) problems.push(fieldError(path, "input.unknown_filter", {}));
    else take(path, () => add(reader(value)));
  }
  if (problems.length > 0) throw invalidInput(problems);
  const isAdHoc = query.filters?.[FILTER_PARAMETER] !== undefined;
  return {
    range,
    from,
    before,
    columns,
    columnar: columnars.length > 0 ? [evaluatedOnce(columnars)] : [],
    blocks: blocks.length > 0 ? sql.join(blocks, sql` and `) : undefined,
    indexed: indexed.length > 0 ? indexed : undefined,
    hasValues,
    isAdHoc,
  };
}

function requireInstant(instant: Instant | undefined): Instant {
  if (instant === undefined) throw new FilterProblem(errorValue("input.not_time", {}));
  return instant;
}
