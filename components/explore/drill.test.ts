import { describe, expect, it } from "vitest";
import { chipsOf, filteredFor, filteredOut, groupedFurther, hasRows, rowsHref, windowsOf } from "./drill";
import { DEFAULT_QUESTION, type ExploreQuestion } from "./state";
import type { ExploreValue } from "./types";

const SHANGHAI = "Asia/Shanghai";
const answer = { start: "2026-11-29T00:00:00.000000Z", end: "2026-11-30T00:00:00.000000Z", interval: null };
const by = (...groups: string[]): ExploreQuestion => ({ ...DEFAULT_QUESTION, groups });
const at = (...groups: ExploreValue[]) => ({ groups, time: null });
const filtersAt = (question: ExploreQuestion, ...groups: ExploreValue[]) =>
  filteredFor(question, chipsOf(question, at(...groups)) ?? []).filters;

describe("A value of an answer", () => {
  it.each([
    ["status_code", 502, { status_code: "502" }],
    ["region", null, { filter: "region:null" }],
    ["region", "", { filter: 'region:""' }],
    ["route", "/cases/:id", { filter: "route:/cases/:id" }],
    ["referer_host", "a b*(c)", { filter: 'referer_host:"a b*(c)"' }],
    ["user_agent", 'say "hi", null', { filter: 'user_agent:"say \\"hi\\", null"' }],
    ["request_path", "/a*", { request_path: "/a\\*" }],
    ["ip_block", "203.0.113.0/24", { ip_address: "203.0.113.0/24" }],
    ['extra."案 号".no', "1", { filter: 'extra."案 号".no:1' }],
  ])("of %s is a filter for exactly its rows (%j)", (group, value, filters) => {
    expect(filtersAt(by(group), value)).toEqual(filters);
  });

  it("filters within the filters that exist, also those on the same column", () => {
    const question = { ...by("status_code"), filters: { status_code: "5xx" } };
    expect(filtersAt(question, 502)).toEqual({ status_code: "5xx", filter: "status_code:502" });
    expect(filteredOut(question, at(502))?.filters).toEqual({ status_code: "5xx", filter: "-status_code:502" });
  });

  it("of several groups is filtered out as a whole", () => {
    const question = by("route", "region");
    expect(filteredOut(question, at("/a", null))?.filters).toEqual({ filter: "-(route:/a region:null)" });
  });

  it("that is all others is without the listed ones, and filtered out to the listed ones", () => {
    const question = by("route", "region");
    const others = {
      groups: null,
      except: [
        ["/a", "x"],
        ["/b", null],
      ] as const,
      time: null,
    };
    const listed = "((route:/a region:x) or (route:/b region:null))";
    expect(filteredFor(question, chipsOf(question, others) ?? []).filters).toEqual({ filter: `-${listed}` });
    expect(filteredOut(question, others)?.filters).toEqual({ filter: listed });
    expect(hasRows(question, others)).toBe(true);
    const many = { ...others, except: Array.from({ length: 16 }, (_, index) => [`/${index}`, "x"]) };
    expect([chipsOf(question, many), filteredOut(question, many)]).toEqual([undefined, undefined]);
    expect(hasRows(question, many)).toBe(false);
  });

  it("of all groups of a bucket has rows, and is grouped within the bucket", () => {
    const question = { ...by("route"), interval: "1h" as const };
    const bucket = { groups: null, time: "2026-11-29T06:00:00.000000Z" };
    expect(hasRows(question, bucket)).toBe(true);
    const range = { start: "2026-11-29T14:00:00", end: "2026-11-29T14:59:59" };
    const next = groupedFurther(question, chipsOf(question, bucket) ?? [], "ip_address", range);
    expect(next).toMatchObject({ groups: ["ip_address"], interval: null, filters: {}, range });
  });

  it("is grouped further by another field", () => {
    const question = by("route");
    const next = groupedFurther(question, chipsOf(question, at("/a")) ?? [], "ip_address");
    expect(next).toMatchObject({ groups: ["ip_address"], filters: { filter: "route:/a" } });
  });

  it("opens its rows in the answer's time range, even if that was relative", () => {
    const question = { ...by("route"), archived: true };
    const href = rowsHref(question, chipsOf(question, at("/a")) ?? [], answer, null, SHANGHAI);
    expect(href).toBe(
      "/logs/access-logs?filter=route%3A%2Fa&start=2026-11-29T08%3A00%3A00&end=2026-11-30T07%3A59%3A59&archived=1",
    );
  });

  it("of an hour of a weekday opens the rows of each such hour", () => {
    const question = by("weekday", "hour_of_day");
    const week = { start: "2026-11-16T00:00:00.000000Z", end: "2026-11-30T00:00:00.000000Z", interval: null };
    expect(windowsOf(question, at(7, 14), week, SHANGHAI)).toEqual([
      { from: Date.parse("2026-11-29T06:00:00Z"), to: Date.parse("2026-11-29T07:00:00Z") },
      { from: Date.parse("2026-11-22T06:00:00Z"), to: Date.parse("2026-11-22T07:00:00Z") },
    ]);
  });

  it("of a bucket that is cut by the range opens only the rows within it", () => {
    const question = { ...DEFAULT_QUESTION, interval: "1d" as const };
    const day = { ...answer, interval: "1d" as const };
    const place = { groups: [], time: "2026-11-28T16:00:00.000000Z" };
    const [window = null] = windowsOf(question, place, day, SHANGHAI) ?? [];
    expect(rowsHref(question, [], day, window, SHANGHAI)).toBe(
      "/logs/access-logs?start=2026-11-29T08%3A00%3A00&end=2026-11-29T23%3A59%3A59",
    );
  });
});
