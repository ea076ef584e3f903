import { describe, expect, it } from "vitest";
import { boundsOf, rangeBetween, shifted, wholeDay, wholeMonth, zoomedOut } from "./bounds";
import { rangeDates, type TimeRange } from "./range";

const SHANGHAI = "Asia/Shanghai";
const BERLIN = "Europe/Berlin";
const now = Date.parse("2026-11-22T12:00:00Z");
const at = (iso: string) => Date.parse(iso);

describe("A time range", () => {
  it("up to now ends now, for the list, its chart and its total: none includes rows with later times", () => {
    expect(rangeDates({ last: "15m" }, now)).toEqual({
      start_date: "2026-11-22T11:45:00.000Z",
      end_date: "2026-11-22T12:00:00.000Z",
    });
    expect(rangeDates(null, now)).toEqual({});
  });

  it("between two whole days is shown as those days, in the console's time zone", () => {
    const bounds = { from: at("2026-11-20T16:00:00Z"), to: at("2026-11-22T16:00:00Z") };
    expect(rangeBetween(bounds, SHANGHAI)).toEqual({ start: "2026-11-21", end: "2026-11-22" });
    expect(rangeBetween(bounds, "UTC")).toEqual({ start: "2026-11-20T16:00:00", end: "2026-11-22T15:59:59" });
  });

  it.each([SHANGHAI, BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"])(
    "that is written and read again is the same, also around clock changes (%s)",
    (timeZone) => {
      for (const day of ["2026-03-08", "2026-03-29", "2026-04-04", "2026-10-04", "2026-10-25", "2026-11-01"]) {
        for (let hour = 0; hour < 24; hour++) {
          const from = at(`${day}T00:00:00Z`) + hour * 3_600_000;
          const bounds = { from, to: from + 1_801_000 };
          expect(boundsOf(rangeBetween(bounds, timeZone), now, timeZone)).toEqual(bounds);
        }
      }
    },
  );

  it("of a day with a clock change is 23 or 25 hours long", () => {
    const hours = (day: string) => {
      const bounds = boundsOf({ start: day, end: day }, now, BERLIN);
      return bounds && (bounds.to - bounds.from) / 3_600_000;
    };
    expect(hours("2026-03-29")).toBe(23);
    expect(hours("2026-10-25")).toBe(25);
  });

  it("shifts back and forward by its own width", () => {
    const hour = { start: "2026-11-22T10:00:00", end: "2026-11-22T10:59:59" };
    const before = { start: "2026-11-22T09:00:00", end: "2026-11-22T09:59:59" };
    expect(shifted(hour, -1, now, SHANGHAI)).toEqual(before);
    expect(shifted(before, 1, now, SHANGHAI)).toEqual(hour);
    expect(shifted({ last: "1h" }, -1, now, SHANGHAI)).toEqual({
      start: "2026-11-22T18:00:00",
      end: "2026-11-22T18:59:59",
    });
    expect(shifted(null, -1, now, SHANGHAI)).toBeNull();
  });

  it("zooms out around its middle, up to now", () => {
    expect(zoomedOut({ start: "2026-11-20T10:00:00", end: "2026-11-20T11:59:59" }, now, SHANGHAI)).toEqual({
      start: "2026-11-20T09:00:00",
      end: "2026-11-20T12:59:59",
    });
    expect(zoomedOut({ start: "2026-11-22T18:00:00", end: "2026-11-22T19:59:59" }, now, SHANGHAI)).toEqual({
      start: "2026-11-22T16:00:00",
      end: "2026-11-22T19:59:59",
    });
  });

  it("zooms out from one preset to the next, and finally to all time", () => {
    const widths: TimeRange[] = [{ last: "7d" }];
    for (let range = zoomedOut({ last: "7d" }, now, "UTC"); range; range = zoomedOut(range, now, "UTC"))
      widths.push(range);
    expect(widths).toEqual([{ last: "7d" }, { last: "30d" }, { last: "90d" }]);
  });

  it("uses the console's time zone for today and yesterday, not the browser's", () => {
    const late = at("2026-11-22T16:30:00Z");
    expect(wholeDay(0, late, SHANGHAI)).toEqual({ start: "2026-11-23", end: "2026-11-23" });
    expect(wholeDay(1, late, SHANGHAI)).toEqual({ start: "2026-11-22", end: "2026-11-22" });
    expect(wholeDay(1, at("2026-03-01T12:00:00Z"), "UTC")).toEqual({ start: "2026-02-28", end: "2026-02-28" });
  });

  it("uses the console's time zone for this month and the last one", () => {
    const late = at("2026-02-28T16:30:00Z");
    expect(wholeMonth(0, late, SHANGHAI)).toEqual({ start: "2026-03-01", end: "2026-03-31" });
    expect(wholeMonth(1, late, SHANGHAI)).toEqual({ start: "2026-02-01", end: "2026-02-28" });
    expect(wholeMonth(1, at("2026-01-15T12:00:00Z"), "UTC")).toEqual({ start: "2025-12-01", end: "2025-12-31" });
  });

  it("with invalid times has no bounds", () => {
    expect(boundsOf({ start: "soon", end: "2026-11-22" }, now, "UTC")).toBeNull();
  });
});
