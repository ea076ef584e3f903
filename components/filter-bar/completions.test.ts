import { describe, expect, it } from "vitest";
import { browsedTables } from "@/server/catalog";
import { completedTerm, fieldOfValue, fieldOptions, lastTerm } from "./completions";

const { access_logs: access, user_activities: activities } = browsedTables;

describe("The term at the end of a typed expression", () => {
  it.each([
    ["", { before: "", minus: "", field: "", value: undefined }],
    ["rou", { before: "", minus: "", field: "rou", value: undefined }],
    ["route:", { before: "", minus: "", field: "route", value: "" }],
    ["os:iOS -route:/api/:id", { before: "os:iOS ", minus: "-", field: "route", value: "/api/:id" }],
    ['details."case no.":京', { before: "", minus: "", field: 'details."case no."', value: "京" }],
    ['details."case n', { before: "", minus: "", field: 'details."case n', value: undefined }],
    ['"refund: a" or (details.', { before: '"refund: a" or (', minus: "", field: "details.", value: undefined }],
    ['action:"log in', { before: "", minus: "", field: "action", value: '"log in' }],
    ['"say \\" x', { before: "", minus: "", field: "", value: undefined }],
  ])("of %j is %j", (text, term) => {
    expect(lastTerm(text)).toEqual(term);
  });
});

describe("Values are suggested", () => {
  const fieldOf = (text: string, table: typeof access | typeof activities = access) =>
    fieldOfValue(table, lastTerm(text));

  it("for columns with text, derived fields and members", () => {
    expect(fieldOf("status_code:4")).toMatchObject({ field: "status_code", path: [] });
    expect(fieldOf("route:")).toMatchObject({ field: "route" });
    expect(fieldOf('details."a b".c:', activities)).toMatchObject({ field: "details", path: ["a b", "c"] });
    expect(fieldOf("user_agent:x")).toMatchObject({ field: "user_agent" });
  });

  it("not for numbers, unknown fields, and before the operator", () => {
    for (const text of ["response_time:1", "colour:red", "route", "os.name:x", "created_at:2026", "id:7", "extra:x"])
      expect(fieldOf(text), text).toBeUndefined();
    expect(fieldOf("route:/", activities)).toBeUndefined();
  });

  it("and written so that the filter has exactly this value", () => {
    const term = lastTerm('details."a b":');
    const field = fieldOfValue(activities, term);
    expect(field && completedTerm(term, field, "x*y (z)")).toBe('details."a b":"x*y (z)"');
    const route = lastTerm("-route:");
    const found = fieldOfValue(access, route);
    expect(found && completedTerm(route, found, "/a*b")).toBe("-route:/a\\*b");
  });
});

describe("Fields are suggested", () => {
  const members = [{ field: 'extra."case no."', example: "7" }];
  const options = (needle: string, isMasked = false) =>
    fieldOptions(access, members, needle, isMasked, (name) => ({ route: "路由" })[name] ?? name).map(
      ({ field }) => field,
    );

  it("by their name, their label and the keys of members", () => {
    expect(options("")).toEqual([
      "route",
      "referer_host",
      "status_class",
      "is_bot",
      "user_agent",
      "referer",
      'extra."case no."',
    ]);
    expect(options("路")).toEqual(["route"]);
    expect(options("case n")).toEqual(['extra."case no."']);
    expect(options("extra.case")).toEqual(['extra."case no."']);
  });

  it("only if a user with a mask may filter by them", () => {
    const masked = fieldOptions(access, [], "", true, (name) => name).map(({ field }) => field);
    expect(masked).toEqual(["route", "status_class"]);
  });
});
