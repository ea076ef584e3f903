import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { SUBJECTS } from "@/server/catalog/timeline-subjects";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { completeRows, countLogs, findFirst } from "@/server/services/logs";
import type { LogFilters } from "@/server/services/logs/contract";
import type { TimelineEvent, TimelinePage, TimelineQuery, TimelineSelection, TimelineSummary } from "./contract";
import { behind, compareKeys, type EventKey, openPosition, type Position, reversed, sealPosition } from "./position";

/** The selection as parameters of the lists of log tables. */
export function logFiltersOf(selection: TimelineSelection): LogFilters & { filters: Record<string, string> } {
  const { start_date, end_date, include_archived } = selection;
  const filters = [...SUBJECTS, "filter" as const].flatMap((name) => {
    const value = selection[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { filters: Object.fromEntries(filters), start_date, end_date, include_archived };
}

/**
 * Returns one page of the rows of all log tables that match, newest first. A walk by cursors returns every row exactly
 * once, regardless of rows that arrive or are deleted meanwhile. A page with very long values has fewer rows.
 * @throws AppError UNPROCESSABLE for an invalid selection, and for one that takes too long; BAD_REQUEST for a cursor of
 * another list
 */
export async function readTimeline(ctx: Context, query: TimelineQuery): Promise<TimelinePage> {
  const { cursor, page_size: _, ...selection } = query;
  const pageSize = query.page_size ?? ctx.config.defaultPageSize;
  checkPageSize(ctx, pageSize);
  const filters = logFiltersOf(selection);
  const scope = scopeOf(filters);
  const start = cursor === undefined ? undefined : openPosition(ctx.secret, scope, cursor);
  const backward = start?.direction === "prev";
  const found = await findKeys(ctx, filters, { start, ascending: backward, limit: pageSize + 1 });
  const shown = await complete(ctx, found.slice(0, pageSize));
  const more = found.length > shown.length;
  // A cursor behind a row was made from a row of the page before it; an empty page may have none on either side.
  const isAnyBehind =
    start !== undefined &&
    (start.bound === "behind" ||
      (await findKeys(ctx, filters, { start: reversed(start), ascending: !backward, limit: 1 })).length > 0);
  const items = backward ? shown.reverse() : shown;
  const hasNext = backward ? isAnyBehind : more;
  const hasPrev = backward ? more : isAnyBehind;
  const cursorFrom = (direction: Position["direction"], event: TimelineEvent | undefined) => {
    const position = event ? { direction, bound: "behind" as const, key: keyOf(event) } : start && reversed(start);
    return position ? sealPosition(ctx.secret, scope, position) : null;
  };
  return {
    items,
    has_next: hasNext,
    has_prev: hasPrev,
    next_cursor: hasNext ? cursorFrom("next", items.at(-1)) : null,
    prev_cursor: hasPrev ? cursorFrom("prev", items[0]) : null,
  };
}

/** Counts the matching rows by table, and returns the times of the first and last of them. */
export async function summarizeTimeline(ctx: Context, selection: TimelineSelection): Promise<TimelineSummary> {
  const filters = logFiltersOf(selection);
  const [first, last, ...tables] = await Promise.all([
    findKeys(ctx, filters, { start: undefined, ascending: true, limit: 1 }),
    findKeys(ctx, filters, { start: undefined, ascending: false, limit: 1 }),
    ...LOG_TABLE_NAMES.map(async (table) => {
      const { count, is_exact } = await countLogs(ctx, table, { ...filters, mode: "exact" });
      return { table, count, is_exact };
    }),
  ]);
  return { tables, first: first[0]?.key.created_at ?? null, last: last[0]?.key.created_at ?? null };
}

interface FoundEvent {
  readonly key: EventKey;
  readonly row: Record<string, unknown>;
}

/** The first rows of all tables behind a start, in order. */
async function findKeys(
  ctx: Context,
  filters: LogFilters,
  { start, ascending, limit }: { start: Position | undefined; ascending: boolean; limit: number },
): Promise<FoundEvent[]> {
  const found = await Promise.all(
    LOG_TABLE_NAMES.map(async (table) => {
      const condition = start && behind(start, table, ascending);
      const rows = await findFirst(ctx, table, filters, {
        start: condition,
        at: start?.key.created_at,
        ascending,
        limit,
      });
      return rows.map((row) => ({ key: { created_at: timeOf(row.created_at), table, id: String(row.id) }, row }));
    }),
  );
  const direction = ascending ? 1 : -1;
  return found
    .flat()
    .sort((one, other) => direction * compareKeys(one.key, other.key))
    .slice(0, limit);
}

/** Reads the values of the first of these rows, as many as fit into a page. */
async function complete(ctx: Context, found: readonly FoundEvent[]): Promise<TimelineEvent[]> {
  const byTable = new Map<LogTableName, TimelineEvent[]>();
  for (const table of LOG_TABLE_NAMES) {
    const rows = found.filter(({ key }) => key.table === table).map(({ row }) => row);
    const whole = rows.length === 0 ? [] : await completeRows(ctx, table, rows);
    byTable.set(
      table,
      whole.map((row) => ({ table, ...row })),
    );
  }
  const shown: TimelineEvent[] = [];
  for (const { key } of found) {
    const event = byTable.get(key.table)?.shift();
    if (!event) break;
    shown.push(event);
  }
  return shown;
}

function keyOf({ created_at, table, id }: TimelineEvent): EventKey {
  return { created_at, table, id };
}

function timeOf(value: unknown): string {
  const time = String(value);
  return time.includes("T") ? time : toIsoMicroseconds(time);
}

function scopeOf({ filters, start_date, end_date, include_archived }: LogFilters): string {
  return JSON.stringify([
    "timeline",
    Object.entries(filters ?? {}).sort(),
    start_date ?? null,
    end_date ?? null,
    include_archived === true,
  ]);
}

function checkPageSize({ config: { maxPageSize } }: Context, pageSize: number): void {
  if (Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= maxPageSize) return;
  throw invalidInput([fieldError("page_size", "input.number", { min: 1, max: maxPageSize })]);
}
