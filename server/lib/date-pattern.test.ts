import { expect, test } from "vitest";
import { compileDatePattern } from "./date-pattern";

test.each([
  ["dd.MM.yyyy HH:mm:ss", "31.12.2026 23:59:58", "2026-12-31T23:59:58"],
  ["d/M/yy h:mm a", "1/2/26 12:05 PM", "2026-02-01T12:05:00"],
  ["d/M/yy h:mm a", "1/2/26 12:05 a.m.", "2026-02-01T00:05:00"],
  ["MMM d, yyyy HH:mm:ss.SSS Z", " Nov 3, 2026 04:05:06.789 +0800", "2026-11-03T04:05:06.789+08:00"],
  ["yyyyMMdd'T'HHmmssZ", "20261130T101112Z", "2026-11-30T10:11:12Z"],
  ["yyyy年M月d日 H时m分", "2026年1月3日 8时5分", "2026-01-03T08:05:00"],
  ["dd MMMM yyyy", "05 September 2026", "2026-09-05T00:00:00"],
])("the pattern %s reads %s", (pattern, text, iso) => {
  expect(compileDatePattern(pattern)?.(text)).toBe(iso);
});

test("other text is not a date, and other patterns are refused", () => {
  const read = compileDatePattern("dd.MM.yyyy");
  for (const text of ["2026-12-31", "31.12.2026 10:00", "1.2.2026", ""]) expect(read?.(text)).toBeUndefined();
  expect(compileDatePattern("h:mm a d.M.yyyy")?.("13:00 PM 1.1.2026")).toBeUndefined();
  for (const pattern of ["", "HH:mm", "dd.MM", "yyyy-MM-dd dd", "yyyy-MM-dd EEE", "(["]) {
    expect(compileDatePattern(pattern)).toBeUndefined();
  }
});
