import { type SQL, sql } from "drizzle-orm";
import type { ColumnarRow } from "@/server/columnar";
import type { MatchingRows } from "../rows";
import { zoneOf } from "../zone";
import { dispersionOf, pooled } from "./dispersion";
import { type Candidate, type Cause, candidatesOf, explain, type FieldTally, type ListedValue } from "./explain";
import type { ComparedField } from "./fields";
import { overlapStatement, type Source, slowStatement, talliesOf, totalStatement, valuesStatement } from "./statements";
import { add, NO_TALLIES, type Tallies } from "./tally";

/** Of more rows, a part is read to find causes, whose rows are then all counted. */
const SAMPLE_ROWS = 500_000;

/** No compared field is a time. */
const ZONE = zoneOf("UTC", "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z");

export interface Changes {
  readonly causes: readonly { readonly cause: Cause; readonly tallies: Tallies }[];
  readonly totals: Tallies;
  readonly slowAbove: number | null;
}

interface Found {
  readonly all: Tallies;
  readonly causes: readonly Cause[];
  readonly conditionOf: (candidate: Candidate) => SQL;
}

/** Finds the causes in a few statements: one for each field, and one for how the values overlap that stand out. */
export async function compare(
  { query }: Pick<MatchingRows, "query">,
  unlimited: Omit<Source, "slowAbove" | "sampling">,
  fields: readonly ComparedField[],
): Promise<Changes> {
  const [first] = await query(slowStatement(unlimited));
  const slowAbove = typeof first?.slow_above === "number" ? first.slow_above : null;
  const every: Source = { ...unlimited, slowAbove, sampling: 1 };
  const sampling = Math.max(1, Math.floor(Number(first?.n ?? 0) / SAMPLE_ROWS));
  const { all, causes, conditionOf } = await find(query, { ...every, sampling }, fields);
  if (sampling === 1)
    return {
      slowAbove,
      totals: all,
      causes: causes.map((cause) => ({ cause, tallies: cause.candidate.listed.tallies })),
    };
  const totals = await totalOf(query, every);
  const rows = await query(
    overlapStatement(
      every,
      causes.map(({ candidate }) => conditionOf(candidate)),
    ),
  );
  const exact = causes.map((cause, index) => {
    const own = rows.filter(({ key }) => ((BigInt(String(key)) >> BigInt(index)) & 1n) === 1n);
    return { cause, tallies: own.map(talliesOf).reduce((sum, tallies) => add(sum, tallies), NO_TALLIES) };
  });
  return { slowAbove, totals, causes: exact };
}

async function find(query: MatchingRows["query"], source: Source, fields: readonly ComparedField[]): Promise<Found> {
  const all = await totalOf(query, source);
  const conditions = new Map<ListedValue, SQL>();
  const listedFields: FieldTally[] = [];
  for (const compared of fields) {
    const value = compared.expression.value(ZONE);
    const rows = await query(valuesStatement(source, compared, value, all));
    const values = rows.map((row) => {
      const listed = { value: shownValue(compared, row), tallies: talliesOf(row) };
      conditions.set(listed, isValue(value, row));
      return listed;
    });
    listedFields.push({
      ...compared,
      values,
      valueCount: Number(rows[0]?.value_count ?? 0),
      dispersion: dispersionOf(values, all),
    });
  }
  const tallies = pooled(listedFields);
  const { window, baseline } = source.spans;
  const duration = (window.end - window.start) / (baseline.end - baseline.start);
  const candidates = candidatesOf(tallies, { all, duration });
  const conditionOf = ({ listed }: Candidate) => conditions.get(listed) ?? sql`false`;
  if (candidates.length === 0) return { all, causes: [], conditionOf };
  const rows = await query(overlapStatement(source, candidates.map(conditionOf)));
  const overlaps = rows.map((row) => ({ mask: BigInt(String(row.key)), tallies: talliesOf(row) }));
  return { all, causes: explain(candidates, overlaps, tallies, duration), conditionOf };
}

async function totalOf(query: MatchingRows["query"], source: Source): Promise<Tallies> {
  const [row] = await query(totalStatement(source));
  return row ? talliesOf(row) : NO_TALLIES;
}

function shownValue({ expression }: ComparedField, { key }: ColumnarRow): string | null {
  if (key === null || key === undefined) return null;
  return String(expression.show?.(String(key)) ?? key);
}

function isValue(value: SQL, { key }: ColumnarRow): SQL {
  if (key === null || key === undefined) return sql`${value} is null`;
  return sql`coalesce(cast(${value} as varchar) = ${String(key)}, false)`;
}
