import { describe, expect, it } from "vitest";
import { filterValueProblem, readPattern, writePattern } from "./filter-values";

const column = (filter: "exact" | "prefix" | "network" | "status" | "range") =>
  ({ name: "any", type: "text", filter }) as const;

describe("The value of a filter", () => {
  it.each(["192.0.2.1", "10.0.0.0/8", "2001:db8::1", "::", "::ffff:192.0.2.1", "2001:db8::/32", "0.0.0.0/0"])(
    "may be an address or a block: %s",
    (value) => {
      expect(filterValueProblem(column("network"), value)).toBeUndefined();
    },
  );

  it.each([
    ["192.0.2", "address"],
    ["192.0.2.256", "address"],
    ["01.2.3.4/8/8", "address"],
    ["fe80::1%eth0", "address"],
    ["2001:db8::1::2", "address"],
    ["]:80/[", "address"],
    ["example.com", "address"],
    ["10.0.0.0/33", "block"],
    ["10.0.0.0/", "block"],
    ["2001:db8::/129", "block"],
  ] as const)("that is not an address or block is reported: %s", (value, problem) => {
    expect(filterValueProblem(column("network"), value)).toBe(problem);
  });

  it("must be a status, a class, or a list of them", () => {
    for (const value of ["404", "4xx", "5XX", "4xx, 500,502"]) {
      expect(filterValueProblem(column("status"), value)).toBeUndefined();
    }
    for (const value of ["abc", "4x", "4xx,", "1000", "-1", "4xx;5xx"]) {
      expect(filterValueProblem(column("status"), value)).toBe("status");
    }
  });

  it("as a bound of a range must be an integer within the column's bounds", () => {
    const bounded = { ...column("range"), min: 10, max: 20 };
    for (const value of ["10", "20"]) expect(filterValueProblem(bounded, value)).toBeUndefined();
    for (const value of ["9", "21", "1.5", "1e1", "-10", "99999999999", "x"]) {
      expect(filterValueProblem(bounded, value)).toBe("number");
    }
  });

  it("is rejected if it is too long or contains a NUL", () => {
    expect(filterValueProblem(column("exact"), "x".repeat(2_001))).toBe("too_long");
    expect(filterValueProblem(column("prefix"), "/a\0*")).toBe("nul");
    expect(filterValueProblem(column("exact"), "x".repeat(2_000))).toBeUndefined();
  });
});

describe("A value with an optional final star", () => {
  it.each([
    ["/api/*", "/api/", true],
    ["*", "", true],
    ["/a*b", "/a*b", false],
    ["/a**", "/a*", true],
    ["/a\\*", "/a*", false],
    ["/a\\**", "/a*", true],
    ["/a\\\\*", "/a\\", true],
    ["/a\\\\\\*", "/a\\*", false],
    ["C:\\temp\\new", "C:\\temp\\new", false],
  ])("is a prefix, or escapes it: %s", (value, text, isPrefix) => {
    expect(readPattern(value)).toEqual({ text, isPrefix });
  });

  it("is serialized so that parsing restores it", () => {
    for (const text of ["", "/a", "*", "**", "/a*", "/a*b", "a\\", "a\\*", "a\\\\*\\", "\\\\server\\share"])
      for (const isPrefix of [true, false])
        expect(readPattern(writePattern(text, isPrefix))).toEqual({ text, isPrefix });
  });
});
