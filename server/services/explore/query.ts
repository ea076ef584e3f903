import { sql } from "drizzle-orm";
import { type LogTable, logTables } from "@/server/catalog";
import type { FieldError } from "@/server/catalog/errors";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { archivedRange } from "@/server/services/archive-files";
import { readFilters, readingOf } from "@/server/services/logs";
import type { ExploreAnswer, ExploreColumn, ExploreQuery, ExploreValue } from "./contract";
import { readDistinctValues } from "./distinct-values";
import { type ExploreField, groupField } from "./fields";
import type { GroupKey } from "./keyed-rows";
import { type MeasureExpression, measureExpression } from "./measures";
import { partsOf, type Question } from "./question";
import { readValues, type ValueRow } from "./read-values";
import { type MatchingRows, withMatchingRows } from "./rows";
import { autoWidth, bucketCount, isTimeZone, zoneOf } from "./zone";

/** Milliseconds. */
const LIMIT_MS = { usual: 30_000, slow: 10 * 60_000 };
const MAX_BUCKETS = 2_000;
/** Rows per second on two busy cores, about half of those on idle ones (docs/decisions/0044). */
const ROWS_PER_SECOND = { usual: 5_000_000, json: 2_000_000, distinct: 1_000_000 };

/** The fields of a query as expressions. */
export interface QueryFields {
  readonly groups: readonly ExploreField[];
  readonly measures: readonly MeasureExpression[];
}

/** Finds the fields of a query. @throws AppError request.invalid that names each that cannot be used */
export function fieldsOf(query: ExploreQuery): QueryFields {
  const table: LogTable = logTables[query.table];
  const problems: FieldError[] = [];
  const groups = query.group_by.flatMap((written, index) => {
    const field = groupField(table, written);
    if (!field) problems.push(fieldError(`group_by.${index}`, "input.not_groupable", {}));
    else if (query.group_by.indexOf(written) !== index)
      problems.push(fieldError(`group_by.${index}`, "input.named_twice", {}));
    return field ?? [];
  });
  const measures = query.measures.flatMap((measure, index) => {
    const found = measureExpression(table, measure, `measures.${index}`);
    if (!("error" in found)) return found;
    problems.push(found.error);
    return [];
  });
  if (query.order_by.measure >= query.measures.length)
    problems.push(fieldError("order_by.measure", "input.no_such_measure", {}));
  if (query.order_by.by === "change" && query.compare === null)
    problems.push(fieldError("order_by.by", "input.no_comparison", {}));
  if (query.time_zone !== undefined && !isTimeZone(query.time_zone))
    problems.push(fieldError("time_zone", "input.time_zone", {}));
  if (problems.length > 0) throw invalidInput(problems);
  return { groups, measures };
}

/**
 * Answers a query from the rows of one snapshot.
 * @throws AppError request.invalid, query.*, columnar.*, archive.*, files.*
 */
export async function runQuery(ctx: Context, query: ExploreQuery): Promise<ExploreAnswer> {
  const started = performance.now();
  const { groups, measures } = fieldsOf(query);
  const { start, end } = await periodOf(ctx, query);
  const micros = Math.max(0, microsOf(end) - microsOf(start));
  const beforeStart = query.compare ? instantOfMicros(microsOf(start) - micros) : null;
  const width = query.interval === "auto" ? autoWidth(start, end) : query.interval;
  if (width && bucketCount(start, end, width) > MAX_BUCKETS)
    throw new AppError("query.too_many_buckets", { max: MAX_BUCKETS });
  const zone = zoneOf(query.time_zone ?? ctx.config.timeZone, beforeStart ?? start, end);
  const question: Question = {
    zone,
    groups,
    measures,
    width,
    order: query.order_by,
    limit: query.limit,
    before: beforeStart === null ? null : { start, micros },
  };
  const result = await withMatchingRows(
    ctx,
    query,
    { from: beforeStart ?? start, before: end },
    {
      columns: [...groups, ...measures].flatMap(({ columns }) => columns),
      rowsPerSecond: speedOf(query.table, { groups, measures }),
      milliseconds: query.allow_slow ? LIMIT_MS.slow : LIMIT_MS.usual,
      allowSlow: query.allow_slow,
    },
    (rows) => answer(question, rows),
  );
  return {
    columns: columnsOf(query, question),
    ...result,
    start,
    end,
    before_start: beforeStart,
    interval: width,
    is_exact: true,
    is_cached: false,
    duration_ms: Math.round(performance.now() - started),
  };
}

/** Distinct values and members of JSON documents take longer than other values. */
function speedOf(name: ExploreQuery["table"], { groups, measures }: QueryFields): number {
  if (measures.some(({ kind }) => kind === "text")) return ROWS_PER_SECOND.distinct;
  const table: LogTable = logTables[name];
  const json = new Set(table.columns.flatMap((column) => (column.type === "jsonb" ? [column.name] : [])));
  const isJson = [...groups, ...measures].some(({ columns }) => columns.some((column) => json.has(column)));
  return isJson ? ROWS_PER_SECOND.json : ROWS_PER_SECOND.usual;
}

async function answer(question: Question, source: MatchingRows) {
  const values = (await readDistinctValues(question, source)) ?? (await readValues(question, source));
  const { total, count, listed, others, times } = values;
  const hasGroups = question.groups.length > 0;
  return {
    rows: question.width
      ? times.flatMap((row) => (row.k === null ? [] : [timedRow(question, row, listed[Number(row.k)]?.key ?? [])]))
      : hasGroups
        ? listed.map(({ key, row }) => [...shownKey(question, key), ...valuesOf(question, row)])
        : [valuesOf(question, total)],
    others: others && valuesOf(question, others),
    others_by_time:
      question.width && hasGroups
        ? times.flatMap((row) => (row.k === null ? [[timeOf(question, row), ...valuesOf(question, row)]] : []))
        : null,
    totals: valuesOf(question, total),
    group_count: hasGroups ? count : null,
    as_of: source.asOf,
    rows_matched: Number(total.n ?? 0),
  };
}

function shownKey({ groups }: Question, key: GroupKey): ExploreValue[] {
  return key.map((value, index) => (value === null ? null : (groups[index]?.show?.(value) ?? value)));
}

function timedRow(question: Question, row: ValueRow, key: GroupKey): ExploreValue[] {
  return [timeOf(question, row), ...shownKey(question, key), ...valuesOf(question, row)];
}

function timeOf({ zone, width }: Question, row: ValueRow): ExploreValue {
  return width ? zone.bucketStart(Number(row.t), width) : null;
}

/** Each measure of a row, followed by that of the previous period. */
function valuesOf(question: Question, row: ValueRow): ExploreValue[] {
  const now = partsOf(question, row, false);
  const old = question.before ? partsOf(question, row, true) : undefined;
  return question.measures.flatMap(({ finish }, index) => [
    finish(now[index] ?? []),
    ...(old ? [finish(old[index] ?? [])] : []),
  ]);
}

function columnsOf(query: ExploreQuery, { groups, measures, width, before }: Question): ExploreColumn[] {
  return [
    ...(width ? [{ name: "time", type: "time", role: "time" } as const] : []),
    ...groups.map(({ type }, index) => ({ name: query.group_by[index] ?? "", type, role: "group" as const })),
    ...measures.flatMap(({ name, type }) => [
      { name, type, role: "measure" as const },
      ...(before ? [{ name, type, role: "before" as const }] : []),
    ]),
  ];
}

/** The time range of a query: from the oldest row, and until now, if it names none. */
async function periodOf(ctx: Context, query: ExploreQuery): Promise<{ start: Instant; end: Instant }> {
  const { table, start_date, end_date, include_archived } = query;
  const { from, before } = readFilters(
    logTables[table],
    { start_date, end_date },
    query.time_zone ?? ctx.config.timeZone,
  );
  const end = before ?? instantOf(ctx.now());
  const start = from ?? (await oldestRow(ctx, query.table, include_archived)) ?? end;
  return { start: start < end ? start : end, end };
}

async function oldestRow(
  ctx: Context,
  table: ExploreQuery["table"],
  includeArchived: boolean,
): Promise<Instant | undefined> {
  const [row] = await readingOf(ctx, table).db.read.execute<{ at: string | null }>(
    sql`select min(created_at) as at from ${sql.identifier(logTables[table].tableName)}`,
  );
  const stored = row?.at ? toIsoMicroseconds(row.at) : undefined;
  const archived = includeArchived ? (await archivedRange(ctx, table))?.from : undefined;
  if (stored === undefined || archived === undefined) return stored ?? archived;
  return stored < archived ? stored : archived;
}

function microsOf(time: Instant): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1_000 + Number(time.slice(20, 26));
}

function instantOfMicros(micros: number): Instant {
  const seconds = Math.floor(micros / 1e6);
  const date = new Date(Math.max(seconds * 1_000, -62_135_596_800_000)).toISOString().slice(0, 19);
  return `${date}.${String(micros - seconds * 1e6).padStart(6, "0")}Z`;
}
