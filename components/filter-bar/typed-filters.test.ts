import { describe, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import { isExpression, parameterOf, sentValue } from "./filters";
import { guessFilters, readTypedFilters } from "./typed-filters";

const table = logTables.access_logs;
const labels = { status_code: "状态码", os: "System", response_time: "响应时间", device_type: "Device kind" };
const read = (text: string) =>
  readTypedFilters(table, text, labels)?.map((filter) =>
    isExpression(filter) ? filter.expression : `${parameterOf(filter)}=${sentValue(filter)}`,
  );

describe("Typed or pasted filters", () => {
  it.each([
    ["status_code=404", ["status_code=404"]],
    ["status:4xx", ["status_code=4xx"]],
    ["状态码=5xx", ["status_code=5xx"]],
    ["Status: 4xx", ["status_code=4xx"]],
    ["状态码：5xx", ["status_code=5xx"]],
    ["状态码： 5xx", ["status_code=5xx"]],
    ["状态码：404，500", ["status_code=404,500"]],
    ["状态码！＝200", ["not_status_code=200"]],
    ["！状态码：200", ["not_status_code=200"]],
    ["响应时间＞＝500", ["min_response_time=500"]],
    ["状态码：4xx　os：iOS", ["status_code=4xx", "os=iOS"]],
    ["city：北京：海淀", ["city=北京：海淀"]],
    ["system:iOS", ["os=iOS"]],
    ["-os:iOS", ["not_os=iOS"]],
    ["os != iOS", ["not_os=iOS"]],
    ['city="New York"', ["city=New York"]],
    ["city:New York", ["city=New York"]],
    ["user:u7*", ["user_id:u7*"]],
    ["-os:*OS*", ["-os:*OS*"]],
    ["path:/api/*/files", ["request_path:/api/*/files"]],
    ["path!=*.png", ["-request_path:*.png"]],
    ["Device kind: bot", ["device_type=bot"]],
    ["device type：bot", ["device_type=bot"]],
    ["－device　kind＝bot　状态码：5xx", ["not_device_type=bot", "status_code=5xx"]],
    ['user:"u7*"', ["user_id=u7*"]],
    ["path:/api/*", ["request_path=/api/*"]],
    ["request_path=/a?b=c:d", ["request_path=/a?b=c:d"]],
    ["ip:2001:db8::1", ["ip_address=2001:db8::1"]],
    ["response_time>=500", ["min_response_time=500"]],
    ["response_time>500", ["min_response_time=501"]],
    ["response_time<500", ["max_response_time=499"]],
    ["min_response_time=500", ["min_response_time=500"]],
    ["status:4xx os:iOS -browser:Safari", ["status_code=4xx", "os=iOS", "not_browser=Safari"]],
    ["user_id:null", ["filter=user_id:null"]],
    ["状态码:*", ["filter=status_code:*"]],
    ['city:""', ['filter=city:""']],
    ["-os:null", ["filter=os:*"]],
    ["status:4xx user_id:null", ["status_code=4xx", "filter=user_id:null"]],
    ["?status_code=4xx&filter=user_id:null+os:*", ["status_code=4xx", "filter=user_id:null", "filter=os:*"]],
    ['user_id:"null"', ["user_id=null"]],
    ["path:/a\\*", ["request_path=/a\\*"]],
    ["?status_code=4xx&request_path=%2Fapi%2F*", ["status_code=4xx", "request_path=/api/*"]],
  ])("are understood: %s", (text, filters) => {
    expect(read(text)).toEqual(filters);
  });

  it.each([
    "",
    "hello",
    "nonsense=1",
    "id=5",
    "status:4xx nonsense:1",
    "os>5",
    "response_time=5",
    "response_time<0",
    "=5",
  ])("that mean nothing are left as text: %s", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it("of any length and form are parsed quickly", () => {
    for (const text of ["a=".repeat(50_000), `${"a ".repeat(2_400)}=`, `status:${" x".repeat(2_000)}`]) read(text);
    expect(read(`os=${"x".repeat(10_000)}`)).toBeUndefined();
  });

  it("without a column are guessed by their form", () => {
    const guess = (text: string) => guessFilters(table, text).map((filter) => filter.column.name);
    expect(guess("404")[0]).toBe("status_code");
    expect(guess("10.0.0.0/8")[0]).toBe("ip_address");
    expect(guess("/api")[0]).toBe("request_path");
    expect(guess("hello")).not.toContain("status_code");
    expect(guess("hello")[0]).toBe("user_id");
    expect(guess("fe80::1")[0]).toBe("ip_address");
    expect(guess("/search?q=1")[0]).toBe("request_path");
    expect(guess("dGVzdA==")).toContain("session_id");
  });

  it("are not guessed from a condition on a column, even if it is not supported", () => {
    for (const text of ["status>=500", "response_time:5", "user_agent:curl", "time>2026-10-01", "状态码>=500"]) {
      expect(guessFilters(table, text, { status_code: "状态码" })).toEqual([]);
    }
  });
});
