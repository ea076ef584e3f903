import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStretch } from "./stretches";

const DAY_MS = 86_400_000;
const times = fc.integer({ min: Date.UTC(1999, 11, 31), max: Date.UTC(2031, 1, 1) });
const spans = fc.option(fc.integer({ min: 1_000, max: 4_000 * DAY_MS }), { nil: undefined });
const isMonthBegin = (time: number) => new Date(time).toISOString().endsWith("-01T00:00:00.000Z");

describe("Stretches of time that are searched", () => {
  it("lead on without a gap to the end of the list, in either direction", () => {
    fc.assert(
      fc.property(times, fc.option(times, { nil: undefined }), spans, fc.boolean(), (start, other, span, isKnown) => {
        const ascending = other === undefined || other >= start;
        const asked = { span, end: other, ascending, isWalked: isKnown, isSparse: isKnown };
        let at = start;
        for (let steps = 0; at !== other; steps++) {
          const { to } = nextStretch({ ...asked, at });
          if (to === undefined) {
            expect(other).toBeUndefined();
            break;
          }
          expect(ascending ? to - at : at - to).toBeGreaterThan(0);
          expect(ascending ? to <= (other ?? to) : to >= (other ?? to)).toBe(true);
          at = to;
          if (steps === 20) break;
        }
      }),
    );
  });

  it("are asked by their days only while these are few, and else begin and end with months", () => {
    fc.assert(
      fc.property(times, times, spans, (at, end, span) => {
        const stretch = nextStretch({ at, end, span, ascending: end >= at, isWalked: false, isSparse: true });
        const { to } = stretch;
        if (to === undefined) return;
        if (stretch.isShort) expect(Math.abs(to - at)).toBeLessThanOrEqual(31 * DAY_MS);
        else expect([at, to].every(isMonthBegin)).toBe(true);
      }),
    );
  });
});
