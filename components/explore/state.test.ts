import { describe, expect, it } from "vitest";
import { exploreHref } from "./href";
import { DEFAULT_QUESTION, type ExploreQuestion, exploreInput, readExplore, writeExplore } from "./state";

const question: ExploreQuestion = {
  table: "user_activities",
  filters: { action: "pay*", filter: 'details."a,b":"x&y"' },
  range: { start: "2026-10-01", end: "2026-10-31" },
  measures: [{ fn: "distinct", field: "user_id" }, { fn: "p95", field: 'details."金额, (元)"' }, { fn: "error_rate" }],
  groups: ["details.region", 'details."a,b"', "hour_of_day"],
  interval: "1w",
  order: { measure: 1, direction: "asc", by: "change" },
  limit: 25,
  compare: true,
  archived: true,
};

describe("The URL of Explore", () => {
  it("has the whole question and its chart: a reload or a shared link shows the same", () => {
    expect(readExplore(writeExplore(question, "line"))).toEqual({ question, view: "line" });
  });

  it("is short for the default question, and keeps all time apart from the default range", () => {
    expect(exploreHref({})).toBe("/explore");
    const allTime = { ...DEFAULT_QUESTION, range: null };
    expect(readExplore(writeExplore(allTime))).toEqual({ question: allTime, view: "auto" });
  });

  it("with invalid parts shows what remains", () => {
    const search =
      "table=nothing&show=count(x),median(a),p95,p95(response_time)&every=2h&order=7&top=0&by=,route,route";
    expect(readExplore(search).question).toEqual({
      ...DEFAULT_QUESTION,
      measures: [{ fn: "p95", field: "response_time" }],
      groups: ["route"],
      limit: 1,
    });
  });

  it("has only filters of its table", () => {
    expect(readExplore("action=login&status_code=5xx").question.filters).toEqual({ status_code: "5xx" });
  });
});

describe("The request of a question", () => {
  it("has the filter expression apart from the other filters, and the range up to now", () => {
    const now = Date.parse("2026-11-30T08:00:00Z");
    expect(exploreInput({ ...question, range: { last: "1h" } }, now, "Asia/Shanghai")).toMatchObject({
      filter: 'details."a,b":"x&y"',
      filters: { action: "pay*" },
      start_date: "2026-11-30T07:00:00.000Z",
      end_date: "2026-11-30T08:00:00.000Z",
      include_archived: true,
      compare: "previous",
      order_by: { measure: 1, direction: "asc", by: "change" },
    });
  });
});
