import { describe, expect, test } from "vitest";
import { previewSchedule } from "./preview-schedule";

const console = { config: { timeZone: "Asia/Shanghai" }, now: () => new Date("2026-06-01T12:00Z") };

describe("a typed schedule", () => {
  test("is shown as its next three due times, in the console's time zone", async () => {
    expect(previewSchedule(console, " 30 2 * * 1-5 ")).toEqual({
      problem: null,
      next: ["2026-06-01T18:30:00.000000Z", "2026-06-02T18:30:00.000000Z", "2026-06-03T18:30:00.000000Z"],
    });
  });

  test.each([
    ["0 2 * *", { code: "input.cron_fields", params: { count: 4 } }],
    ["", { code: "input.cron_fields", params: { count: 0 } }],
    ["61 2 * * *", { code: "input.cron_range", params: { field: "minute", text: "61", min: 0, max: 59 } }],
    ["0 5-2 * * *", { code: "input.cron_order", params: { field: "hour", text: "5-2" } }],
    ["0 2 */0 * *", { code: "input.cron_step", params: { field: "day", text: "*/0", min: 1, max: 31 } }],
    ["*/61 * * * *", { code: "input.cron_step", params: { field: "minute", text: "*/61", min: 1, max: 60 } }],
    ["5/70 * * * *", { code: "input.cron_step", params: { field: "minute", text: "5/70" } }],
    ["0 */25 * * *", { code: "input.cron_step", params: { field: "hour", text: "*/25", max: 24 } }],
    ["0 0 1 */13 *", { code: "input.cron_step", params: { field: "month", text: "*/13", max: 12 } }],
    ["0 0 * * */8", { code: "input.cron_step", params: { field: "weekday", text: "*/8", max: 7 } }],
    ["1,2,, * * * *", { code: "input.cron_unreadable", params: { field: "minute", text: "1,2,," } }],
    ["0 2 * JAN *", { code: "input.cron_unreadable", params: { field: "month", text: "JAN" } }],
    ["0 2 * * 1,8", { code: "input.cron_range", params: { field: "weekday", text: "8" } }],
    ["0 0 31 2 *", { code: "input.cron_never", params: {} }],
  ])("%j is rejected with its reason", (schedule, problem) => {
    expect(previewSchedule(console, schedule)).toMatchObject({ problem, next: [] });
  });

  test.each([
    "*/60 * * * *",
    "59/60 * * * *",
    "0-59/60,007 * * * *",
    "0 */24 * * *",
    "0 0 */31 * *",
    "0 0 1 */12 *",
    "0 0 * * */7",
    "0 0 * * 0-7/7",
  ])("%j, with the maximum step, is accepted", (schedule) => {
    expect(previewSchedule(console, schedule)).toMatchObject({ problem: null, next: { length: 3 } });
  });
});
