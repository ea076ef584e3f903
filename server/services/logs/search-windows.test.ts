import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextWindows } from "./search-windows";

const DAY_MS = 86_400_000;
const times = fc.integer({ min: Date.UTC(1999, 11, 31), max: Date.UTC(2031, 1, 1) });
const spans = fc.option(fc.integer({ min: 1_000, max: 4_000 * DAY_MS }), { nil: undefined });
const known = { isWalked: fc.boolean(), isSparse: fc.boolean() };
const isMonthBegin = (time: number) => new Date(time).toISOString().endsWith("-01T00:00:00.000Z");

describe("The windows of a search", () => {
  it("cover the list without gaps to its end, in either direction", () => {
    fc.assert(
      fc.property(times, fc.option(times, { nil: undefined }), spans, fc.record(known), (start, other, span, flags) => {
        const ascending = other === undefined || other >= start;
        const search = { span, end: other, ascending, ...flags };
        let next: number | undefined = start;
        for (let steps = 0; next !== undefined && next !== other && steps < 20; steps++) {
          for (const { at, to } of nextWindows({ ...search, at: next })) {
            expect(at).toBe(next);
            next = to;
            if (to === undefined) expect(other).toBeUndefined();
            else {
              expect(ascending ? to - at : at - to).toBeGreaterThan(0);
              expect(ascending ? to <= (other ?? to) : to >= (other ?? to)).toBe(true);
            }
          }
        }
      }),
    );
  });

  it("use slots only if they are few, and otherwise start and end at month boundaries", () => {
    fc.assert(
      fc.property(times, times, spans, (start, end, span) => {
        const search = { at: start, end, span, ascending: end >= start, isWalked: false, isSparse: true };
        for (const { at, to, isShort } of nextWindows(search)) {
          if (to === undefined) return;
          if (isShort) expect(Math.abs(to - at)).toBeLessThanOrEqual(31 * DAY_MS);
          else expect([at, to].every(isMonthBegin)).toBe(true);
        }
      }),
    );
  });

  it("cover half a day and then the other half if matches are sparse", () => {
    const at = Date.UTC(2026, 10, 25, 22, 30);
    const search = { at, span: 60_000, ascending: false, isWalked: true };
    const hours = (isSparse: boolean, end?: number) =>
      nextWindows({ ...search, isSparse, end }).map(({ to }) => new Date(to ?? 0).toISOString().slice(8, 16));
    expect(hours(true)).toEqual(["25T09:00", "24T21:00"]);
    expect(hours(true, Date.UTC(2026, 10, 25, 8))).toEqual(["25T09:00", "25T08:00"]);
    expect(hours(true, Date.UTC(2026, 10, 25, 20, 1))).toEqual(["25T20:01"]);
    expect(hours(false)).toEqual(["25T22:29"]);
    // No window crosses a month boundary, after which the next month is searched as a whole.
    const early = { at: Date.UTC(2026, 10, 1, 2), span: undefined, ascending: false, isWalked: false, isSparse: true };
    expect(nextWindows(early)).toEqual([{ at: early.at, to: Date.UTC(2026, 10, 1), isShort: true }]);
  });
});
