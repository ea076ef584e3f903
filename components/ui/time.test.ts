import { describe, expect, it } from "vitest";
import { formatEnd, formatTime } from "./time";

describe("Times", () => {
  it("are shown in the console's time zone, truncated to the millisecond", () => {
    expect(formatTime("2026-11-22T18:06:18.123999Z", "Asia/Shanghai", "ms")).toBe("2026-11-23 02:06:18.123");
    expect(formatTime("2026-11-22T16:00:00Z", "Asia/Shanghai", "ms")).toBe("2026-11-23 00:00:00.000");
  });

  it("follow a zone with summer time", () => {
    expect(formatTime("2026-07-01T12:00:00.5Z", "Europe/Berlin")).toBe("2026-07-01 14:00:00");
    expect(formatTime("2026-01-01T12:00:00.5Z", "Europe/Berlin", "time")).toBe("13:00:00");
  });

  it("of 1971 and 2099 are shown too", () => {
    expect(formatTime("1971-01-01T00:00:00.000001Z", "UTC", "ms")).toBe("1971-01-01 00:00:00.000");
    expect(formatTime("2099-12-31T23:59:59.999999Z", "UTC", "ms")).toBe("2099-12-31 23:59:59.999");
  });

  it("that are invalid are shown unchanged", () => {
    expect(formatTime("infinity", "UTC")).toBe("infinity");
  });
});

it.each([
  ["2026-12-31T16:00:00.000000Z", "2026-12-31"],
  ["2026-12-31T02:31:00.000000Z", "2026-12-31 10:30"],
  ["2026-12-31T02:30:16.000000Z", "2026-12-31 10:30:15"],
  ["2026-12-31T02:30:15.123456Z", "2026-12-31 10:30:15"],
])("The end %s of a period reads as it was entered: %s", (end, shown) => {
  expect(formatEnd(end, "Asia/Shanghai")).toBe(shown);
});
