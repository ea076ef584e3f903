import { type LogTable, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { type Mask, maskText } from "@/server/services/privacy";
import type { ChangesAnswer, ChangesQuery, Finding } from "../contract";
import { withMatchingRows } from "../rows";
import { type Changes, compare } from "./compare";
import { comparedFields } from "./fields";
import { instantOfMicros, spansOf } from "./spans";
import { kindColumns } from "./statements";
import { before, type Kind } from "./tally";

const LIMIT_MS = 30_000;
/** On two busy cores (docs/decisions/0045). */
const ROWS_PER_SECOND = 2_000_000;
/** Of more rows in the window or in the baseline, a part is read to find causes, whose rows are then all counted. */
const SAMPLE_ROWS = 200_000;

/**
 * Finds the values that a window of time has more often than its baseline, and of those that describe the same rows,
 * the one that describes them best.
 * @throws AppError request.invalid, query.*, columnar.*, archive.*, files.*
 */
export async function findChanges(
  ctx: Context,
  query: ChangesQuery,
  mask: Mask,
  { sampleRows = SAMPLE_ROWS }: { readonly sampleRows?: number } = {},
): Promise<ChangesAnswer> {
  const table: LogTable = logTables[query.table];
  const spans = spansOf(query, ctx.config.timeZone);
  const { window, baseline, dayBefore } = spans;
  const fields = await comparedFields(ctx, query, instantOfMicros(window.end - 1), mask);
  const all = [window, baseline, ...(dayBefore ? [dayBefore] : [])];
  return await withMatchingRows(
    ctx,
    query,
    {
      from: instantOfMicros(Math.min(...all.map(({ start }) => start))),
      before: instantOfMicros(Math.max(...all.map(({ end }) => end))),
    },
    {
      columns: [...kindColumns(table), ...fields.flatMap(({ columns }) => columns)],
      milliseconds: LIMIT_MS,
      rowsPerSecond: ROWS_PER_SECOND,
      isLocal: true,
    },
    async (rows) => {
      const changes = await compare(rows, { table, from: rows.from, spans }, fields, sampleRows);
      return {
        findings: findingsOf(changes, mask),
        rows_now: changes.totals.rows.now,
        rows_before: before(changes.totals.rows),
        baseline: { start: instantOfMicros(baseline.start), end: instantOfMicros(baseline.end) },
        as_of: rows.asOf,
      };
    },
  );
}

function findingsOf({ causes, totals, slowAbove }: Changes, mask: Mask): Finding[] {
  return causes.map(({ cause: { kind, candidate, score, also }, tallies }) => ({
    kind: kind === "failed" || kind === "refused" ? "errors" : kind,
    field: candidate.field.field,
    value: maskText(candidate.listed.value, mask),
    share_now: share(tallies[kind].now, totals[kind].now),
    share_before: share(before(tallies[kind]), before(totals[kind])),
    rows_now: tallies[kind].now,
    rows_before: before(tallies[kind]),
    score: Math.round(score * 1_000) / 1_000,
    rows_filter: filterOf(kind, slowAbove?.now),
    also: also.slice(0, 5).map(({ field, listed }) => ({ field: field.field, value: maskText(listed.value, mask) })),
  }));
}

function filterOf(kind: Kind, slowAbove: number | undefined): string | null {
  const filters = {
    rows: null,
    failed: "status_code:5xx",
    refused: "status_code:4xx",
    slow: `response_time > ${slowAbove}`,
  };
  return filters[kind];
}

function share(count: number, total: number): number {
  return total === 0 ? 0 : count / total;
}
