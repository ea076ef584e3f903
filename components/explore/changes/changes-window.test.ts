import { expect, it } from "vitest";
import { baselineOf, baselinesOf, type ChangesWindow, changesInput, parseAsWindow, windowOf } from "./changes-window";
import { findingRowsHref } from "./finding-links";
import type { Finding } from "./types";

const at = (text: string) => Date.parse(`2026-11-30T${text}Z`);
const WINDOW: ChangesWindow = { from: at("14:00:00"), to: at("14:30:00"), baseline: "previous" };
const ROWS = { table: "access_logs", filters: { status_code: "5xx", filter: "os:iOS" }, archived: false } as const;

it("writes a window to the URL and reads the same again, and nothing from other text", () => {
  for (const window of [WINDOW, { ...WINDOW, baseline: "weekBefore" as const }])
    expect(parseAsWindow.parse(parseAsWindow.serialize(window))).toEqual(window);
  expect(parseAsWindow.serialize(WINDOW)).toBe("2026-11-30T14:00:00Z..2026-11-30T14:30:00Z");
  for (const text of [
    "",
    "yesterday",
    "2026-11-30T14:30:00Z..2026-11-30T14:00:00Z",
    "2026-11-30T14:00:00Z..2026-11-30T14:30:00Z..never",
    "2026-13-30T14:00:00Z..2026-11-30T14:30:00Z",
  ])
    expect(parseAsWindow.parse(text), text).toBeNull();
});

it("compares only the part of a window that has happened", () => {
  const bounds = { from: at("14:00:00"), to: at("15:00:00") };
  expect(windowOf(bounds, at("14:20:30"))).toEqual({ ...WINDOW, to: at("14:20:00") });
  expect(windowOf(bounds, at("16:00:00"))).toEqual({ ...WINDOW, to: at("15:00:00") });
  expect(windowOf(bounds, at("13:00:00"))).toEqual({ ...WINDOW, to: at("15:00:00") });
});

it("widens a window to whole minutes, and a short one to whole seconds", () => {
  const window = { from: at("14:00:59"), to: at("14:29:01") };
  expect(windowOf(window, at("16:00:00"))).toEqual(WINDOW);
  const short = { from: at("14:00:00") + 999, to: at("14:00:05") + 1 };
  expect(windowOf(short, at("16:00:00"))).toEqual({ ...WINDOW, to: at("14:00:06") });
});

it("offers baselines that do not overlap the window", () => {
  expect(baselinesOf(WINDOW)).toEqual(["previous", "day", "dayBefore", "weekBefore"]);
  const day = { ...WINDOW, from: WINDOW.to - 86_400_000 };
  expect(baselinesOf(day)).toEqual(["previous", "weekBefore"]);
  expect(baselineOf(WINDOW)).toEqual({ from: at("13:30:00"), to: at("14:00:00") });
});

it("asks for the rows of the page, and leaves the default baseline to the server", () => {
  expect(changesInput(ROWS, WINDOW)).toEqual({
    table: "access_logs",
    filter: "os:iOS",
    filters: { status_code: "5xx" },
    window: { start: "2026-11-30T14:00:00Z", end: "2026-11-30T14:30:00Z" },
    baseline: null,
  });
  expect(changesInput(ROWS, { ...WINDOW, baseline: "dayBefore" }).baseline).toEqual({
    start: "2026-11-29T14:00:00Z",
    end: "2026-11-29T14:30:00Z",
  });
});

it("links a finding to its rows: the filters of the page, its kind, its value and the window", () => {
  const finding: Finding = {
    ...{ kind: "errors" as const, field: "route", value: "/pay/:id", rows_filter: "status_code:5xx", also: [] },
    ...{ share_now: 1, share_before: 0, rows_now: 9, rows_before: 0, score: 1 },
  };
  const href = findingRowsHref({ ...ROWS, filters: { region: "Bayern" } }, finding, WINDOW, "Asia/Shanghai");
  const url = new URL(href ?? "", "http://localhost");
  expect(url.pathname).toBe("/logs/access-logs");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    region: "Bayern",
    filter: "route:/pay/:id status_code:5xx",
    start: "2026-11-30T22:00:00",
    end: "2026-11-30T22:29:59",
  });
});
