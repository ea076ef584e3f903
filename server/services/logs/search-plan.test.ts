import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, advance, beginSearch, type Position, type Search, type Step } from "./search-plan";

/** A row of the simulated table. */
interface Row {
  /** ISO 8601 with microseconds, which sorts chronologically. */
  readonly created_at: string;
  readonly id: string;
  /** Time and id, which sort like rows. */
  readonly key: string;
  readonly isMatch: boolean;
}

const DAY_MS = 86_400_000;
const MAX_STEPS = 60;
const FIRST = Date.UTC(2025, 10, 20);

const iso = (microseconds: number) => {
  const milliseconds = Math.floor(microseconds / 1_000);
  return new Date(milliseconds).toISOString().replace("Z", `${String(microseconds % 1_000).padStart(3, "0")}Z`);
};
const isoOfMs = (milliseconds: number) => iso(milliseconds * 1_000);

/** Rows around one time: few or thousands, within a microsecond or a year, of which all, some or none match. */
const cluster = fc.record({
  at: fc.integer({ min: 0, max: 400 * DAY_MS }),
  spread: fc.oneof(fc.constant(0), fc.constantFrom(1, 1_000, 60_000, DAY_MS, 30 * DAY_MS, 400 * DAY_MS)),
  rows: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 6_000 })),
  /** Every nth row matches; none if 0. */
  matches: fc.constantFrom(0, 1, 2, 7, 60, 900),
});

const table = fc.array(cluster, { maxLength: 4 }).map((clusters) =>
  clusters
    .flatMap(({ at, spread, rows, matches }, number) =>
      Array.from({ length: rows }, (_, index): Row => {
        const within = Math.round((spread * 1_000 * index) / rows) + (index % 3);
        const created_at = iso((FIRST + at) * 1_000 + within);
        const id = `${number}-${String((index * 7_919) % 10_007).padStart(5, "0")}`;
        return { created_at, id, key: created_at + id, isMatch: matches > 0 && index % matches === 0 };
      }),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1)),
);

/** Simulates PostgreSQL for a step. @param rows in the direction of the search, within its time range */
function take(rows: readonly Row[], { ascending }: Search, step: Step): Answer & { readonly rows: readonly Row[] } {
  const beyond = (position: Position): readonly Row[] => {
    if (position.kind === "start") return rows;
    const bound = position.kind === "row" ? position.created_at + position.id : isoOfMs(position.at);
    const isBehind = position.kind === "row" ? (key: string) => key > bound : (key: string) => key >= bound;
    return rows.filter(({ key }) => (ascending ? isBehind(key) : key < bound));
  };
  const from = beyond(step.from);
  if (step.kind === "in order") return give(from.filter(({ isMatch }) => isMatch).slice(0, step.limit));
  if (step.kind === "near") {
    const near = from.slice(0, step.rows);
    const found = near.filter(({ isMatch }) => isMatch).slice(0, step.limit);
    const [first, last] = [near[0], near.at(-1)];
    if (found.length === step.limit || near.length < step.rows || !first || !last) return give(found);
    const at = Date.parse(last.created_at) + (ascending ? 0 : 1);
    const span = Math.abs(at - Date.parse(first.created_at));
    return { ...give(found), edge: { row: { kind: "row", created_at: last.created_at, id: last.id }, at, span } };
  }
  const found: Row[] = [];
  for (const [index, { at, to }] of step.windows.entries()) {
    const start: Position = index === 0 ? step.from : { kind: "time", at };
    const last = to === undefined ? undefined : isoOfMs(to);
    const isInside = (key: string) => last === undefined || (ascending ? key < last : key >= last);
    const matches = beyond(start).filter(({ isMatch, key }) => isMatch && isInside(key));
    if (matches.length > step.maxMatches) return { ...give([]), isTooMany: true };
    found.push(...matches.slice(0, step.limit - found.length));
    if (found.length === step.limit) break;
  }
  return give(found);
}

const give = (rows: readonly Row[]) => ({ rows, found: rows.length });

const time = fc.integer({ min: FIRST - DAY_MS, max: FIRST + 801 * DAY_MS });
const searches = fc.record({
  limit: fc.constantFrom(1, 20, 101, 1_000, 2_000),
  ascending: fc.boolean(),
  hasSlots: fc.boolean(),
  range: fc.option(fc.tuple(time, time), { nil: undefined }),
  /** Rows of the list before the start. */
  skipped: fc.constantFrom(0, 1, 500),
});

describe("A search for rows", () => {
  it("returns every matching row exactly once, in order, up to its limit, for any data", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(table, searches, (all, { limit, ascending, hasSlots, range, skipped }) => {
        const [from, before] = (range ?? []).toSorted((a, b) => a - b);
        const bounds = from === undefined || before === undefined ? undefined : [isoOfMs(from), isoOfMs(before)];
        const inRange = all.filter(({ key }) => !bounds || (key >= (bounds[0] ?? "") && key < (bounds[1] ?? "")));
        const rows = (ascending ? inRange : inRange.toReversed()).slice(skipped);
        const end = ascending ? before : from;
        const search: Search = {
          limit,
          ascending,
          hasSlots,
          end: end === undefined ? undefined : end + (ascending ? 1 : 0),
          isFromEnd: skipped === 0 && range === undefined,
        };
        const given: Row[] = [];
        let steps = 0;
        for (let state = beginSearch(search); state.step && steps < MAX_STEPS; steps++) {
          const answer = take(rows, search, state.step);
          given.push(...answer.rows);
          state = advance(state, answer);
        }
        expect(given).toEqual(rows.filter(({ isMatch }) => isMatch).slice(0, limit));
        // Windows grow and shrink by factors, so the number of steps is small for a table of any length.
        expect(steps).toBeLessThan(MAX_STEPS);
      }),
      { numRuns: 100 },
    );
  });

  it("takes one step if most rows match, or if there are few rows", () => {
    const search: Search = { limit: 50, ascending: false, hasSlots: true, isFromEnd: true };
    const rows = Array.from({ length: 100 }, (_, n) => {
      const created_at = isoOfMs(FIRST - n);
      return { created_at, id: "a", key: `${created_at}a`, isMatch: n % 2 === 0 };
    });
    const first = beginSearch(search);
    expect(first.step).toMatchObject({ kind: "near", limit: 50 });
    if (!first.step) return;
    expect(advance(first, take(rows, search, first.step)).step).toBeNull();
  });
});
