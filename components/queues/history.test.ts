import { describe, expect, it } from "vitest";
import { ratesOf } from "./history";

const at = "2026-11-22T19:59:50.000000Z";
const point = { at, received: 52, inserted: 45, duplicates: 5, dead: 2, dropped: 0 };
const filling = { at: "2026-11-22T20:00:00.000000Z", received: 1, inserted: 1, duplicates: 0, dead: 0, dropped: 0 };

describe("The chart of the last 15 minutes", () => {
  it("shows events per second, without the incomplete last interval", () => {
    const rates = { inserted: 4.5, duplicates: 0.5, dead: 0.2, dropped: 0 };
    expect(ratesOf([point, filling])).toEqual([{ at, end: "2026-11-22T20:00:00.000Z", ...rates }]);
  });

  it("never goes below zero when dead letters are replayed", () => {
    expect(ratesOf([{ ...point, inserted: 7, dead: -7 }, filling])[0]).toMatchObject({ inserted: 0.7, dead: 0 });
  });

  it("is empty before the first data", () => {
    expect(ratesOf([])).toEqual([]);
  });
});
