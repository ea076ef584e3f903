import { expect, it } from "vitest";
import { INCIDENTS, type Incident, type IncidentName, incidentOf, TRAFFIC } from "@/server/testing/explore/incidents";
import { FIELDS, type IncidentRow } from "@/server/testing/explore/traffic";
import { MIN_ROWS } from "./assess";
import { dispersionOf, pooled } from "./dispersion";
import { type Cause, candidatesOf, explain, type FieldTally, type ListedValue } from "./explain";
import { BEST_FIRST } from "./fields";
import { type SlowAbove, slowAboveOf } from "./statements";
import { before, KINDS, type Kind, mapKinds, SLICES, type Tallies } from "./tally";

/** Incidents of each traffic. */
const RUNS = Number(process.env.INCIDENT_RUNS ?? 7);
/** Of the kinds of traffic, those that are tested. */
const CHOSEN = TRAFFIC.filter(
  (traffic) => !process.env.INCIDENT_TRAFFIC || process.env.INCIDENT_TRAFFIC.includes(traffic),
);
const IS_LONG = RUNS > 50;
const SEED = process.env.SEED === "random" ? Math.floor(Math.random() * 1e9) : Number(process.env.SEED ?? 20_261_130);

/** By kind and period. */
type Counted = Int32Array;
const PERIODS = SLICES + 2;

function talliesOf(counts: Counted): Tallies {
  const tally = (kind: number) => ({
    now: counts[kind * PERIODS] ?? 0,
    slices: [...counts.subarray(kind * PERIODS + 1, kind * PERIODS + 1 + SLICES)],
    dayBefore: counts[kind * PERIODS + SLICES + 1] ?? 0,
  });
  return { rows: tally(0), failed: tally(1), refused: tally(2), slow: tally(3) };
}

function isSlow({ period, time }: IncidentRow, slowAbove: SlowAbove | null): boolean {
  return slowAbove !== null && time > (period === 0 ? slowAbove.now : slowAbove.before);
}

/** @returns counts by key of the rows whose key has at least `min` */
function countBy<T>(
  rows: readonly IncidentRow[],
  slowAbove: SlowAbove | null,
  keyOf: (row: IncidentRow) => T,
): Map<T, Counted> {
  const counts = new Map<T, Counted>();
  for (const row of rows) {
    const key = keyOf(row);
    let own = counts.get(key);
    if (!own) {
      own = new Int32Array(KINDS.length * PERIODS);
      counts.set(key, own);
    }
    const add = (kind: number) => {
      if (own) own[kind * PERIODS + row.period] = (own[kind * PERIODS + row.period] ?? 0) + 1;
    };
    add(0);
    if (row.status >= 400) add(row.status >= 500 ? 1 : 2);
    if (isSlow(row, slowAbove)) add(3);
  }
  return counts;
}

/** The visitors of rows in the window by kind. */
type Visitors = Readonly<Record<Kind, Map<string, number>>>;

function visitorsBy(rows: readonly IncidentRow[], slowAbove: SlowAbove | null, maskOf: (row: IncidentRow) => number) {
  const visitors = new Map<number, Visitors>();
  for (const row of rows) {
    if (row.period !== 0) continue;
    const mask = maskOf(row);
    const own = visitors.get(mask) ?? mapKinds(() => new Map<string, number>());
    visitors.set(mask, own);
    const visitor = row.values.user_id ?? row.values.ip_address ?? "";
    const add = (kind: Kind) => own[kind].set(visitor, (own[kind].get(visitor) ?? 0) + 1);
    if (row.status >= 400) add(row.status >= 500 ? "failed" : "refused");
    if (isSlow(row, slowAbove)) add("slow");
  }
  return visitors;
}

/** As the statements of DuckDB count the rows. */
function causesOf({ rows }: Incident): Cause[] {
  const quantile = (share: number, isIncluded: (period: number) => boolean) => {
    const times = rows.flatMap(({ period, time }) => (isIncluded(period) ? [time] : [])).sort((a, b) => a - b);
    return times[Math.ceil(times.length * share) - 1] ?? 0;
  };
  const isBefore = (period: number) => period >= 1 && period <= SLICES;
  const slowAbove = slowAboveOf({
    slow_above: quantile(0.95, isBefore),
    median_before: quantile(0.5, isBefore),
    median_now: quantile(0.5, (period) => period === 0),
  });
  const all = talliesOf(countBy(rows, slowAbove, () => 0).get(0) ?? new Int32Array());
  const listed = new Map<ListedValue, { field: (typeof FIELDS)[number]; value: string | null }>();
  const fields = pooled(
    FIELDS.map((field): FieldTally => {
      const values = [...countBy(rows, slowAbove, (row) => row.values[field])].flatMap(([value, counts]) => {
        if ((counts[0] ?? 0) < 5 && counts.subarray(1, SLICES + 1).reduce((sum, n) => sum + n, 0) < 5) return [];
        const entry = { value, tallies: talliesOf(counts) };
        listed.set(entry, { field, value });
        return [entry];
      });
      const isStatus = field.startsWith("status");
      const priority = isStatus ? 100 : BEST_FIRST.indexOf(field);
      const valueCounts = mapKinds(
        (kind) => values.filter(({ tallies }) => tallies[kind].now + before(tallies[kind]) >= MIN_ROWS).length,
      );
      return { field, priority, isStatus, values, valueCounts, dispersion: dispersionOf(values, all) };
    }),
  );
  const candidates = candidatesOf(fields, { all, duration: 1 });
  if (candidates.length === 0) return [];
  const conditions = candidates.flatMap(({ listed: chosen }) => listed.get(chosen) ?? []);
  const masks = new Map<IncidentRow, number>();
  for (const row of rows) {
    let mask = 0;
    for (const [index, { field, value }] of conditions.entries()) if (row.values[field] === value) mask += 2 ** index;
    masks.set(row, mask);
  }
  const maskOf = (row: IncidentRow) => masks.get(row) ?? 0;
  const visitors = visitorsBy(rows, slowAbove, maskOf);
  const overlaps = [...countBy(rows, slowAbove, maskOf)].map(([mask, counts]) => ({
    mask: BigInt(mask),
    tallies: talliesOf(counts),
    visitors: visitors.get(mask) ?? mapKinds(() => new Map<string, number>()),
  }));
  return explain(candidates, overlaps, fields, 1);
}

const shown = ({ kind, candidate, score }: Cause) =>
  `${kind} ${candidate.field.field}=${candidate.listed.value} ${score.toFixed(2)}`;

interface Outcome {
  readonly name: IncidentName;
  readonly isFirst: boolean;
  readonly isComplete: boolean;
  readonly report: string;
}

function outcomeOf(name: IncidentName, incident: Incident): Outcome {
  const found = causesOf(incident);
  const isCause = (cause: Cause | undefined, { field, value }: Incident["causes"][number]) =>
    cause?.candidate.field.field === field && cause.candidate.listed.value === value;
  const isFirst = name === "none" ? found.length === 0 : incident.causes.some((cause) => isCause(found[0], cause));
  const isComplete = incident.causes.every((cause) => found.some((one) => isCause(one, cause)));
  const causes = incident.causes.map(({ field, value }) => `${field}=${value}`).join(" and ");
  return { name, isFirst, isComplete, report: `${name}: ${causes || "nothing"}; found ${found.map(shown).join(", ")}` };
}

it("finds the causes of incidents in every kind of traffic, and nothing where there is none", () => {
  const outcomes = CHOSEN.flatMap((traffic) => {
    const own = Array.from({ length: RUNS }, (_, run) => {
      const name = INCIDENTS[run % INCIDENTS.length] ?? "none";
      return outcomeOf(name, incidentOf(name, traffic, SEED + run * 101, SLICES));
    });
    const found = own.filter(({ name, isFirst }) => name !== "none" && isFirst).length;
    const causes = own.filter(({ name }) => name !== "none").length;
    if (IS_LONG) process.stdout.write(`${traffic}: ${found} of ${causes} causes first\n`);
    return own;
  });
  const incidents = outcomes.filter(({ name }) => name !== "none");
  const reports = (list: readonly Outcome[]) => list.map(({ report }) => report);
  const missed = reports(incidents.filter(({ isFirst }) => !isFirst));
  const incomplete = reports(incidents.filter(({ isComplete, isFirst }) => isFirst && !isComplete));
  if (IS_LONG) process.stdout.write(`missed:\n${missed.join("\n")}\nsecond causes missed:\n${incomplete.join("\n")}\n`);
  expect(reports(outcomes.filter(({ name, isFirst }) => name === "none" && !isFirst))).toEqual([]);
  // Few runs of a generator deviate from the share that many runs have (docs/decisions/0045).
  expect(missed.length, missed.join("\n")).toBeLessThanOrEqual(Math.floor(incidents.length * (IS_LONG ? 0.05 : 0.1)));
}, 3_600_000);
