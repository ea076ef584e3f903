import { expect, test } from "vitest";
import { nextDue, overdue } from "./cron";

/** The due times of `cron` from `from` (inclusive) to `before` (exclusive). */
function dues(cron: string, timeZone: string, from: string, to: string): string[] {
  const found: string[] = [];
  for (
    let at = nextDue({ cron, timeZone }, new Date(from));
    at && at < new Date(to);
    at = nextDue({ cron, timeZone }, at)
  ) {
    found.push(at.toISOString().slice(0, 16));
  }
  return found;
}

test.each([
  // 02:00 does not exist on 8 March 2026 in New York: DST starts at 07:00 UTC.
  ["America/New_York", "0 2 * * *", "2026-03-07T12:00Z", ["2026-03-08T07:00", "2026-03-09T06:00", "2026-03-10T06:00"]],
  ["America/New_York", "30 2 * * *", "2026-03-07T12:00Z", ["2026-03-08T07:00", "2026-03-09T06:30", "2026-03-10T06:30"]],
  // 01:30 occurs twice on 1 November.
  ["America/New_York", "30 1 * * *", "2026-10-31T12:00Z", ["2026-11-01T05:30", "2026-11-02T06:30", "2026-11-03T06:30"]],
  // 02:30 does not exist on 29 March in Berlin, and occurs twice on 25 October.
  ["Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30"]],
  ["Europe/Berlin", "0 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:00", "2026-10-26T01:00", "2026-10-27T01:00"]],
])("in %s, %s is due once on each day around a DST change", (timeZone, cron, from, expected) => {
  const to = new Date(Date.parse(from) + 3 * 86_400_000).toISOString();
  expect(dues(cron, timeZone, from, to)).toEqual(expected);
});

test.each(["America/New_York", "Europe/Berlin"])("in %s, every five minutes remains every five minutes", (timeZone) => {
  for (const day of ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"]) {
    const from = Date.parse(`${day}T00:00Z`);
    const found = dues(
      "*/5 * * * *",
      timeZone,
      new Date(from - 1).toISOString(),
      new Date(from + 43_200_000).toISOString(),
    );
    expect(found).toHaveLength(144);
  }
});

test("a date that does not exist is never due", () => {
  expect(nextDue({ cron: "0 0 31 2 *", timeZone: "UTC" }, new Date())).toBeNull();
});

test("missed times are counted up to a maximum, and the next one is in the future", () => {
  const schedule = { cron: "0 2 * * *", timeZone: "UTC" };
  expect(overdue(schedule, new Date("2026-01-01T02:00Z"), new Date("2026-01-04T01:59Z"))).toEqual({
    latest: new Date("2026-01-03T02:00Z"),
    count: 3,
    next: new Date("2026-01-04T02:00Z"),
  });
  const now = new Date("2026-03-01T00:02Z");
  expect(overdue({ cron: "*/5 * * * *", timeZone: "UTC" }, new Date("2026-01-01T00:00Z"), now)).toMatchObject({
    count: 500,
    next: new Date("2026-03-01T00:05Z"),
  });
});

test.each([
  ["*/5 * * * *", "2026-01-01T00:00Z", "2026-01-10T23:57:30Z", "2026-01-10T23:55Z"],
  ["*/5 * * * *", "2026-01-01T00:00Z", "2026-01-11T00:00Z", "2026-01-11T00:00Z"],
  ["* * * * *", "2020-01-01T00:00Z", "2026-03-29T01:00:59Z", "2026-03-29T01:00Z"],
  // DST skips 02:30 that day: its run is due at 03:00, 01:00 UTC.
  ["30 2 * * *", "2020-01-01T01:30Z", "2026-03-29T01:10Z", "2026-03-29T01:00Z"],
  ["* 4 1 1 *", "2010-01-01T03:00Z", "2026-12-31T00:00Z", "2026-01-01T03:59Z"],
])("%s: of 500 and more missed since %s, the latest before %s is %s", (cron, first, now, latest) => {
  expect(overdue({ cron, timeZone: "Europe/Berlin" }, new Date(first), new Date(now))).toMatchObject({
    latest: new Date(latest),
    count: 500,
  });
});
