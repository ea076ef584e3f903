import { expect, test } from "vitest";
import { maskEvent, maskFilters, maskRow, refuseMaskedFilters } from "./mask";

const ALL = { columns: new Set(["ip_address", "user_agent", "session_id"]), key: "all" };
const NONE = { columns: new Set<string>(), key: "" };

test.each([
  ["203.0.113.42", "203.0.113.***"],
  ["2001:db8:1:2::3", "2001:db8:1:***"],
  ["2001:db8::1", "2001:db8:0:***"],
  ["::1", "0:0:0:***"],
  ["::ffff:203.0.113.42", "::ffff:203.0.113.***"],
  ["printer.example.com", "***"],
  ["203.0.113.42, 10.0.0.1", "***"],
])("Of the address %s a viewer sees %s", (address, seen) => {
  expect(maskRow({ ip_address: address }, ALL)).toEqual({ ip_address: seen });
});

test("What is no personal column stays, and what is not there is not there for a viewer either", () => {
  const row = { id: "1", user_id: "u", session_id: null, user_agent: "", status_code: 200 };
  expect(maskRow(row, ALL)).toEqual(row);
  expect(maskRow({ user_agent: "curl", session_id: "s" }, NONE)).toEqual({ user_agent: "curl", session_id: "s" });
});

test("The same inside of JSON, by whatever spelling and at whatever depth, is masked too", () => {
  const details = {
    sourceIPAddress: "203.0.113.42",
    "X-Forwarded-For": "203.0.113.42",
    request: [{ userAgent: "curl/8", "Session-ID": "s1", path: "/a" }],
    ip: "2001:db8::1",
    ship: "Titanic",
  };
  expect(maskRow({ details }, ALL)).toEqual({
    details: {
      sourceIPAddress: "203.0.113.***",
      "X-Forwarded-For": "203.0.113.***",
      request: [{ userAgent: "***", "Session-ID": "***", path: "/a" }],
      ip: "2001:db8:0:***",
      ship: "Titanic",
    },
  });
  const hostile = JSON.parse('{"__proto__":{"ip":"203.0.113.42"},"constructor":{"ip":"203.0.113.42"}}');
  expect(JSON.stringify(maskRow({ extra: hostile }, ALL))).not.toContain("42");
});

test("A filter by what is masked is refused, for it and against it", () => {
  for (const filter of ["ip_address", "not_ip_address", "session_id", "not_session_id", "user_agent"]) {
    expect(() => refuseMaskedFilters({ status_code: "404", [filter]: "x" }, ALL)).toThrow(filter);
    expect(() => refuseMaskedFilters({ [filter]: "x" }, NONE)).not.toThrow();
  }
  expect(() => refuseMaskedFilters({ request_path: "/ip_address" }, ALL)).not.toThrow();
  expect(() => refuseMaskedFilters({ filter: "os:* ip_address:null" }, ALL)).toThrow("filter");
  expect(() => refuseMaskedFilters({ filter: "os:*" }, ALL)).not.toThrow();
});

test("Filters that others used are shown without such values, and dead letters without their text", () => {
  expect(maskFilters({ not_ip_address: "203.0.113.42", status_code: "404" }, ALL)).toEqual({
    not_ip_address: "***",
    status_code: "404",
  });
  expect(maskEvent("203.0.113.42 - - [", ALL)).toBe("***");
  expect(maskEvent("203.0.113.42 - - [", NONE)).toBe("203.0.113.42 - - [");
});
