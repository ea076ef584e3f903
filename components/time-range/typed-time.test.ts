import { describe, expect, it } from "vitest";
import { readTypedTime, shownTime } from "./typed-time";

const now = Date.parse("2026-11-22T17:30:00Z");
const read = (text: string, timeZone = "Asia/Shanghai") => readTypedTime(text, now, timeZone);

describe("A typed or pasted time", () => {
  it.each([
    ["2026-11-22 10:00", "2026-11-22T10:00"],
    ["2026-11-22T10:00:05", "2026-11-22T10:00:05"],
    ["2026-11-22 10:00:05.123456", "2026-11-22T10:00:05.123456"],
    ["2026/11/2 9:05", "2026-11-02T09:05"],
    ["2026年11月2日 09:05", "2026-11-02T09:05"],
    ["2026-11-22", "2026-11-22"],
    ["2026-10", "2026-10-01"],
    ["2026年2月", "2026-02-01"],
    ["10-12 14:00", "2026-10-12T14:00"],
    ["12-24 14:00", "2025-12-24T14:00"],
    ["11-22 10:00", "2026-11-22T10:00"],
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"],
    ["2026-11-22 +09:00", "2026-11-22+09:00"],
    ["0001-01-01", "0001-01-01"],
    ["2026-11-22 10:00:00 +02:00", "2026-11-22T10:00:00+02:00"],
    ["[22/Nov/2026:10:00:00 +0800]", "2026-11-22T10:00:00+08:00"],
    ["1795341600", "2026-11-22T10:00:00Z"],
    ["1795341600000", "2026-11-22T10:00:00Z"],
    ["now", "2026-11-22T17:30:00Z"],
    ["now-2h", "2026-11-22T15:30:00Z"],
  ])("is understood: %s", (typed, text) => {
    expect(read(typed)).toEqual({ text });
  });

  it("without a day is today's in the console's time zone", () => {
    expect(read("10:00")).toEqual({ text: "2026-11-23T10:00" });
    expect(read("10:00", "UTC")).toEqual({ text: "2026-11-22T10:00" });
  });

  it("that is a month stands for its last day at the end of a range", () => {
    const end = (text: string) => readTypedTime(text, now, "UTC", undefined, "end")?.text;
    expect([end("2026-10"), end("2024-02"), end("2026-13")]).toEqual(["2026-10-31", "2024-02-29", undefined]);
  });

  it("without a day at the end of a range has the day on which the range starts", () => {
    expect(readTypedTime("12:00", now, "UTC", "2026-03-05")).toEqual({ text: "2026-03-05T12:00" });
  });

  it.each(["", "soon", "2026-02-30", "2026-13-01", "25:00", "10:75", "-5", "2026-11-22 08"])(
    "that is none is refused: %s",
    (typed) => {
      expect(read(typed)).toBeUndefined();
    },
  );

  it("that is too long is rejected immediately", () => {
    expect(read("9".repeat(100_000))).toBeUndefined();
  });

  it("that is skipped by a clock change is reported, with the time used instead", () => {
    expect(read("2026-03-29 02:30", "Europe/Berlin")).toEqual({
      text: "2026-03-29T02:30",
      note: { kind: "skipped", taken: "2026-03-29 03:30" },
    });
    expect(read("2026-03-29 01:30", "Europe/Berlin")?.note).toBeUndefined();
  });

  it("that a clock change repeats is reported", () => {
    expect(read("2026-10-25 02:30", "Europe/Berlin")?.note).toEqual({ kind: "twice" });
    expect(read("2026-10-25 02:30:00+01:00", "Europe/Berlin")?.note).toBeUndefined();
    expect(read("2026-10-25 03:30", "Europe/Berlin")?.note).toBeUndefined();
    expect(read("2026-04-05 01:45", "Australia/Lord_Howe")?.note).toEqual({ kind: "twice" });
  });

  it("is shown in the field in the console's time zone", () => {
    expect(shownTime("2026-11-22T10:00", "Asia/Shanghai")).toBe("2026-11-22 10:00");
    expect(shownTime("2026-11-22T10:00:00Z", "Asia/Shanghai")).toBe("2026-11-22 18:00:00");
    expect(shownTime("2026-11-22", "Asia/Shanghai")).toBe("2026-11-22");
  });
});
