import { type Instant, instantOf } from "@/server/lib/time";
import { BLOCK_ROWS } from "@/server/services/segment-blocks";
import type { TimeRange } from "@/server/services/segment-files";
import type { ColumnarPlan } from "./plan";

/** Each window is larger by the factor. */
export const GROWTH = 5;
const MIN_WINDOW_MS = 60_000;
/** The archives next to the start that are searched in windows of their own, so that a full page opens no others. */
const MAX_CUTS = 3;

export interface WindowOptions {
  readonly ascending: boolean;
  /** The requested rows. */
  readonly limit: number;
  /** The rows of the first window. */
  readonly windowRows: number;
}

/**
 * Divides the covered time into windows, from the start of the search. Most blocks with a searched word have a match, so
 * the first window has as many of them as rows are requested.
 */
export function* windowsOf(plan: ColumnarPlan, options: WindowOptions): Generator<TimeRange> {
  const { ascending } = options;
  const edges = (plan.archived?.parts ?? []).flatMap(
    ({ ranges }) => (ascending ? ranges[0]?.from : ranges.at(-1)?.to) ?? [],
  );
  const cuts = [...new Set(edges)].sort(ascending ? compare : (one, other) => compare(other, one)).slice(0, MAX_CUTS);
  for (let { from, to } of uncutWindows(plan, options)) {
    for (const cut of cuts) {
      if (cut <= from || cut >= to) continue;
      yield ascending ? { from, to: cut } : { from: cut, to };
      if (ascending) from = cut;
      else to = cut;
    }
    yield { from, to };
  }
}

function* uncutWindows(plan: ColumnarPlan, { ascending, limit, windowRows }: WindowOptions): Generator<TimeRange> {
  const archives = plan.archived?.parts ?? [];
  const clean = [...plan.parts.flatMap(({ ranges }) => ranges), ...archives.flatMap(({ ranges }) => ranges)];
  const covered = [...clean, ...plan.dirty];
  if (covered.length === 0) return;
  const rowCount = archives.reduce((sum, part) => sum + part.rowCount, plan.rowCount);
  const rows = plan.rowCount < plan.coveredRows ? Math.min(windowRows, limit * BLOCK_ROWS) : windowRows;
  const length = clean.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  let span = Math.max(MIN_WINDOW_MS, (length * rows) / Math.max(1, rowCount));
  const first = covered.reduce((time, { from }) => (from < time ? from : time), covered[0]?.from ?? "");
  const last = covered.reduce((time, { to }) => (to > time ? to : time), "");
  const inOrder = clean.sort((one, other) => (ascending ? compare(one.from, other.from) : compare(other.to, one.to)));
  let edge = ascending ? first : last;
  let left = span;
  for (const range of inOrder) {
    for (;;) {
      const begin = ascending ? later(range.from, edge) : earlier(range.to, edge);
      const end = ascending ? range.to : range.from;
      const size = Math.max(0, ascending ? Date.parse(end) - Date.parse(begin) : Date.parse(begin) - Date.parse(end));
      if (size <= left) {
        left -= size;
        break;
      }
      const cut = instantOf(new Date(Date.parse(begin) + (ascending ? left : -left)));
      yield ascending ? { from: edge, to: cut } : { from: cut, to: edge };
      edge = cut;
      span *= GROWTH;
      left = span;
    }
  }
  yield ascending ? { from: edge, to: last } : { from: first, to: edge };
}

const compare = (one: Instant, other: Instant) => (one < other ? -1 : one > other ? 1 : 0);
const later = (one: Instant, other: Instant) => (one > other ? one : other);
const earlier = (one: Instant, other: Instant) => (one < other ? one : other);
