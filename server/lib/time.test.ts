import { describe, expect, it } from "vitest";
import { instantFromEpoch, parseInstant, parseRangeEnd, parseRangeStart } from "./time";

const zone = "Asia/Shanghai";

describe("Parsing a time", () => {
  it.each([
    ["2024-01-31T08:00:00.123456Z", "2024-01-31T08:00:00.123456Z"],
    ["2024-01-31T08:00:00.1Z", "2024-01-31T08:00:00.100000Z"],
    ["2024-01-31 08:00:00.123456789+00", "2024-01-31T08:00:00.123456Z"],
    ["2024-01-31T08:00:00+08:00", "2024-01-31T00:00:00.000000Z"],
    ["2024-01-31T08:00:00-0330", "2024-01-31T11:30:00.000000Z"],
    ["1971-05-05T00:00:00Z", "1971-05-05T00:00:00.000000Z"],
    ["2099-12-31T23:59:59Z", "2099-12-31T23:59:59.000000Z"],
    ["0099-03-01T00:00:00Z", "0099-03-01T00:00:00.000000Z"],
  ])("uses the given offset: %s", (text, instant) => {
    expect(parseInstant(text, zone)).toBe(instant);
  });

  it("interprets a time without an offset in the configured zone", () => {
    expect(parseInstant("2024-01-31T08:00:00", zone)).toBe("2024-01-31T00:00:00.000000Z");
    expect(parseInstant("2024-01-31", zone)).toBe("2024-01-30T16:00:00.000000Z");
    expect(parseInstant("2024-07-01 12:00", "America/New_York")).toBe("2024-07-01T16:00:00.000000Z");
  });

  it("uses the earlier offset for a skipped hour, and the first occurrence of a repeated hour", () => {
    expect(parseInstant("2024-03-10T02:30:00", "America/New_York")).toBe("2024-03-10T07:30:00.000000Z");
    expect(parseInstant("2024-11-03T01:30:00", "America/New_York")).toBe("2024-11-03T05:30:00.000000Z");
    expect(parseInstant("2024-03-31T02:30:00", "Europe/Berlin")).toBe("2024-03-31T01:30:00.000000Z");
    expect(parseInstant("2024-10-27T02:30:00", "Europe/Berlin")).toBe("2024-10-27T00:30:00.000000Z");
  });

  it.each([
    "0000-00-00",
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "2024-01-01T24:00:00Z",
    "today",
    "",
    "1",
    "2024-1-1",
    "2024-01-01T00:00:00+99:99",
    "2024-01-01T00:00:00+16:00",
    "2024-01-01T00:00:00-08:60",
  ])("refuses %j", (text) => {
    expect(parseInstant(text, zone)).toBeUndefined();
  });

  it("accepts seconds and milliseconds since 1970", () => {
    expect(instantFromEpoch(1_706_688_000)).toBe("2024-01-31T08:00:00.000000Z");
    expect(instantFromEpoch(1_706_688_000.5)).toBe("2024-01-31T08:00:00.500000Z");
    expect(instantFromEpoch(1_706_688_000_123)).toBe("2024-01-31T08:00:00.123000Z");
    expect(instantFromEpoch(Number.NaN)).toBeUndefined();
    expect(instantFromEpoch(1e300)).toBeUndefined();
  });
});

describe("The end of a range is inclusive to its own precision", () => {
  it.each([
    ["2024-01-31", "2024-01-31T16:00:00.000000Z"],
    ["2024-01-31T23:59", "2024-01-31T16:00:00.000000Z"],
    ["2024-01-31T23:59:59", "2024-01-31T16:00:00.000000Z"],
    ["2024-01-31T23:59:59.5Z", "2024-01-31T23:59:59.600000Z"],
    ["2024-01-31T23:59:59.999999Z", "2024-02-01T00:00:00.000000Z"],
    ["2024-09-11+09:00", "2024-09-11T15:00:00.000000Z"],
    ["2024-09-11-0330", "2024-09-12T03:30:00.000000Z"],
    ["2024-09-11Z", "2024-09-12T00:00:00.000000Z"],
    ["2024-12-31z", "2025-01-01T00:00:00.000000Z"],
    ["0001-01-01", "0001-01-01T15:54:17.000000Z"],
  ])("%s", (text, end) => {
    expect(parseRangeEnd(text, zone)).toBe(end);
  });

  it("a day with a clock change has its actual length", () => {
    expect(parseRangeEnd("2024-03-10", "America/New_York")).toBe("2024-03-11T04:00:00.000000Z");
    expect(parseRangeEnd("2024-11-03", "America/New_York")).toBe("2024-11-04T05:00:00.000000Z");
  });
});

describe("A range beyond the supported times is clamped to the first or last supported time", () => {
  it.each([
    ["0001-01-01", zone, "0001-01-01T00:00:00.000000Z"],
    ["0001-01-01", "America/New_York", "0001-01-01T04:56:02.000000Z"],
    ["0001-01-01T00:00:00+14:00", zone, "0001-01-01T00:00:00.000000Z"],
  ])("from %s in %s", (text, timeZone, start) => {
    expect(parseRangeStart(text, timeZone)).toBe(start);
  });

  it.each([
    ["9999-12-31", zone, "9999-12-31T16:00:00.000000Z"],
    ["9999-12-31", "UTC", "9999-12-31T23:59:59.999999Z"],
    ["9999-12-31", "America/New_York", "9999-12-31T23:59:59.999999Z"],
    ["9999-12-31T23:59:59-08:00", zone, "9999-12-31T23:59:59.999999Z"],
    ["9999-12-31-12:00", zone, "9999-12-31T23:59:59.999999Z"],
    ["9999-12-31T23:59:59.999999Z", zone, "9999-12-31T23:59:59.999999Z"],
  ])("to %s in %s", (text, timeZone, end) => {
    expect(parseRangeEnd(text, timeZone)).toBe(end);
  });

  it.each(["0000-01-01", "10000-01-01", "-0001-01-01"])("and %s is not a time", (text) => {
    expect(parseRangeStart(text, zone)).toBeUndefined();
    expect(parseRangeEnd(text, zone)).toBeUndefined();
  });
});
