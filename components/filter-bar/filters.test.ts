import { describe, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import {
  type Filter,
  isExpression,
  operatorsOf,
  problemOf,
  readFilters,
  sentValue,
  typedFilter,
  typedValue,
  withFilter,
  withoutFilter,
} from "./filters";

const table = logTables.access_logs;
const column = (name: string) => {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (!found) throw new Error(name);
  return found;
};
const filter = (name: string, operator: Filter["operator"], value: string): Filter => ({
  column: column(name),
  operator,
  value,
});
const words = (parameters: Record<string, string>) =>
  readFilters(table, parameters).map((chip) =>
    isExpression(chip) ? chip.expression : `${chip.column.name} ${chip.operator} ${chip.value}`,
  );

describe("The filters in the URL", () => {
  it("become chips in the same order", () => {
    expect(
      words({
        status_code: "4xx",
        request_path: "/api/*",
        not_request_path: "/api/health",
        not_os: "iOS",
        min_response_time: "500",
      }),
    ).toEqual([
      "status_code is 4xx",
      "request_path startsWith /api/",
      "request_path isNot /api/health",
      "os isNot iOS",
      "response_time min 500",
    ]);
  });

  it("that the table does not have are omitted", () => {
    expect(words({ nonsense: "1", not_response_time: "1", min_os: "1", user_agent: "x" })).toEqual([]);
  });
});

describe("A filter", () => {
  it("replaces the filter of the same column and operator, and keeps the others", () => {
    expect(withFilter({ os: "iOS", browser: "Safari" }, filter("os", "is", "Android"))).toEqual({
      os: "Android",
      browser: "Safari",
    });
    expect(withFilter({ os: "iOS" }, filter("os", "isNot", "Android"))).toEqual({ os: "iOS", not_os: "Android" });
  });

  it("of a status is added to a list of statuses, since no row has two", () => {
    expect(withFilter({ status_code: "404" }, filter("status_code", "is", "5xx"))).toEqual({ status_code: "404,5xx" });
    expect(withFilter({ status_code: "404, 5xx" }, filter("status_code", "is", "404"))).toEqual({
      status_code: "404,5xx",
    });
  });

  it("that is edited keeps its position and replaces the old value completely", () => {
    const parameters = { os: "iOS", status_code: "404", browser: "Safari" };
    const edited = filter("status_code", "is", "404");
    expect(Object.entries(withFilter(parameters, filter("status_code", "is", "500"), edited))).toEqual([
      ["os", "iOS"],
      ["status_code", "500"],
      ["browser", "Safari"],
    ]);
    expect(Object.entries(withFilter(parameters, filter("status_code", "isNot", "404"), edited))).toEqual([
      ["os", "iOS"],
      ["not_status_code", "404"],
      ["browser", "Safari"],
    ]);
  });

  it("can be removed without the others", () => {
    expect(withoutFilter({ os: "iOS", not_os: "Android" }, filter("os", "isNot", "Android"))).toEqual({ os: "iOS" });
  });

  it("by a prefix is sent with one final *, however it was typed", () => {
    expect(sentValue(filter("request_path", "startsWith", "/api/"))).toBe("/api/*");
    for (const operator of ["is", "startsWith"] as const)
      expect(sentValue(typedFilter(filter("request_path", operator, "/api/*")))).toBe("/api/*");
  });

  it("with a literal star is unchanged in the URL and when it is edited", () => {
    const typed = typedFilter(filter("request_path", "is", "/a\\*"));
    expect([typed.operator, typed.value, sentValue(typed)]).toEqual(["is", "/a*", "/a\\*"]);
    expect(words({ request_path: sentValue(typed) })).toEqual(["request_path is /a*"]);
    expect(typedFilter({ ...typed, value: typedValue(typed) })).toEqual(typed);
  });

  it("by the presence of a value is part of one expression, with one term per field", () => {
    const two = withFilter(
      withFilter({ os: "iOS" }, filter("user_id", "isEmpty", "")),
      filter("city", "isEmptyText", ""),
    );
    expect(two).toEqual({ os: "iOS", filter: 'user_id:null city:""' });
    expect(words(two)).toEqual(["os is iOS", "user_id isEmpty ", "city isEmptyText "]);
    expect(withFilter(two, filter("user_id", "isSet", ""))).toEqual({ os: "iOS", filter: 'user_id:* city:""' });
    expect(withoutFilter(two, filter("city", "isEmptyText", ""))).toEqual({ os: "iOS", filter: "user_id:null" });
    expect(withoutFilter({ filter: "user_id:null" }, filter("user_id", "isEmpty", ""))).toEqual({});
    const edited = filter("user_id", "isEmpty", "");
    expect(withFilter({ filter: "user_id:null" }, filter("user_id", "is", "7"), edited)).toEqual({ user_id: "7" });
    expect(withFilter({ user_id: "7" }, filter("user_id", "isSet", ""), filter("user_id", "is", "7"))).toEqual({
      filter: "user_id:*",
    });
  });

  it("is possible on the presence of every column", () => {
    for (const { name, filter } of table.columns) {
      if (!filter) continue;
      expect(operatorsOf(column(name))).toEqual(expect.arrayContaining(["isEmpty", "isSet"]));
    }
    expect(operatorsOf(column("status_code"))).not.toContain("isEmptyText");
  });

  it("that no row can match, or that lists reject, is reported before it is sent", () => {
    expect(problemOf(filter("response_time", "min", "500"), { max_response_time: "100" })).toBe("contradiction");
    expect(problemOf(filter("response_time", "max", "500"), { min_response_time: "500" })).toBeUndefined();
    expect(problemOf(filter("ip_address", "is", "10.0.0"), {})).toBe("address");
    expect(problemOf(filter("request_path", "startsWith", ""), {})).toBe("empty");
    expect(problemOf(filter("user_id", "is", "7"), {})).toBeUndefined();
  });
});
