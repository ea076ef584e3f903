import { describe, expect, it } from "vitest";
import { FilterSyntaxError, fieldTerms, parseFilter, writeFilter } from ".";

const terms = (text: string) => fieldTerms(parseFilter(text)).map(({ field, op, position }) => [field, op, position]);

function problemOf(text: string): [string, number] | undefined {
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return [error.problem.code.replace("input.", ""), error.position];
  }
}

describe("A filter expression", () => {
  it("matches rows without a value, with a value, and with empty text", () => {
    expect(terms("user_id:null")).toEqual([["user_id", "null", 0]]);
    expect(terms(" user_id : * ")).toEqual([["user_id", "set", 1]]);
    expect(terms('user_id:""')).toEqual([["user_id", "empty", 0]]);
  });

  it("can have several terms, adjacent or joined by and", () => {
    const expected = [
      ["user_id", "null"],
      ["os", "set"],
    ];
    for (const text of ["user_id:null os:*", "user_id:null and os:*", "user_id:null AND\nos:*"])
      expect(terms(text).map(([field, op]) => [field, op])).toEqual(expected);
  });

  it.each([
    ["", "filter_field_expected", 0],
    ["   ", "filter_field_expected", 3],
    ["and", "filter_field_expected", 0],
    ["user_id:null and", "filter_field_expected", 16],
    ["user_id", "filter_colon_expected", 7],
    ["user_id os:*", "filter_colon_expected", 8],
    ["user_id:", "filter_value", 8],
    ["user_id:u7", "filter_value", 8],
    ['user_id:"u7"', "filter_value", 8],
    ["user_id:NULL", "filter_value", 8],
    ["os:* (user_id:null)", "filter_field_expected", 5],
    ["os:*, user_id:null", "filter_field_expected", 4],
    ['os:"', "filter_quote", 3],
    ["os:*\0", "nul", 4],
  ])("that is invalid is reported with its position: %j", (text, problem, position) => {
    expect(problemOf(text)).toEqual([problem, position]);
  });

  it("has limits, beyond which it is rejected immediately", () => {
    expect(problemOf("x".repeat(10_000))).toEqual(["too_long", 2_000]);
    expect(problemOf("a:* ".repeat(60))).toEqual(["filter_terms", 200]);
    expect(problemOf(`"${"\\".repeat(1_900)}`)).toEqual(["filter_quote", 0]);
    expect(problemOf(" ".repeat(2_000))).toEqual(["filter_field_expected", 2_000]);
  });

  it("is serialized to the text that parses to it", () => {
    const text = 'user_id:null os:* city:""';
    expect(writeFilter(fieldTerms(parseFilter(text)))).toBe(text);
  });
});
