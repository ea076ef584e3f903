import { describe, expect, it } from "vitest";
import { groupVisits } from "./visits";

const at = (time: string) => ({ created_at: `2026-11-${time}.000000Z` });
const shape = (events: { created_at: string }[], hasMore = false, timeZone = "Asia/Shanghai") =>
  groupVisits(events, hasMore, timeZone).map(({ date, visits }) => [
    date,
    visits.map(({ events: { length }, seconds, isWhole }) => [length, seconds, isWhole]),
  ]);

describe("Visits", () => {
  it("end when there is no event for 30 minutes", () => {
    const events = [at("22T10:59:59"), at("22T10:30:00"), at("22T10:00:00"), at("22T10:00:00")];
    expect(shape(events)).toEqual([
      [
        "2026-11-22",
        [
          [2, 1_799, true],
          [2, 0, true],
        ],
      ],
    ]);
  });

  it("are listed by day in the time zone of the console, over midnight at the day of their last event", () => {
    const events = [at("22T16:10:00"), at("22T15:50:00"), at("22T03:00:00")];
    expect(shape(events)).toEqual([
      ["2026-11-23", [[2, 1_200, true]]],
      ["2026-11-22", [[1, 0, true]]],
    ]);
    expect(shape(events, false, "UTC")).toEqual([
      [
        "2026-11-22",
        [
          [2, 1_200, true],
          [1, 0, true],
        ],
      ],
    ]);
  });

  it("are incomplete while earlier events are not loaded", () => {
    expect(shape([at("22T10:00:00"), at("22T08:00:00")], true)).toEqual([
      [
        "2026-11-22",
        [
          [1, 0, true],
          [1, 0, false],
        ],
      ],
    ]);
    expect(shape([])).toEqual([]);
  });
});
