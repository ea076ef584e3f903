import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type LogTableName, logTableList, logTables, mapLogTables } from "@/server/catalog";
import { renderError } from "@/server/lib/error-text";
import { InvalidEvent } from "./invalid-event";
import { makeNormaliser } from "./normalise";

const NOW = "2026-11-05T10:00:00.000000Z";
const normalisers = mapLogTables((name) => makeNormaliser(logTables[name], "Asia/Shanghai"));

/** The non-null columns of the row, with `extra` parsed. */
function rowOf(event: unknown, table: LogTableName = "access_logs"): Record<string, unknown> {
  const { row } = normalisers[table](event, NOW);
  const named = logTables[table].columns.map(({ name }, index) => [name, row[index] ?? null] as const);
  const present = Object.fromEntries(named.filter(([, value]) => value !== null));
  return typeof present.extra === "string" ? { ...present, extra: JSON.parse(present.extra) } : present;
}

function refusal(event: unknown, table: LogTableName = "access_logs"): string {
  try {
    rowOf(event, table);
  } catch (error) {
    if (error instanceof InvalidEvent) return renderError(error.error);
    throw error;
  }
  throw new Error(`became a row: ${JSON.stringify(event)}`);
}

const visit = { ip_address: "203.0.113.7", request_path: "/a", created_at: "2026-11-05T10:00:00Z" };

describe("A field with an alternative name", () => {
  test("is stored in its column", () => {
    const event = {
      ip_address: "203.0.113.5",
      request_path: "/a",
      method: "POST",
      status: "500",
      time_local: "26/Jun/2023:14:24:53 +0800",
    };
    expect(rowOf(event)).toEqual({
      created_at: "2023-06-26T06:24:53.000000Z",
      ip_address: "203.0.113.5",
      request_path: "/a",
      request_method: "POST",
      status_code: "500",
    });
  });

  test("is recognized in camel case, with hyphens, spaces and capitals", () => {
    const event = {
      "Client-IP": "203.0.113.5",
      requestUri: "/a",
      "Status Code": 404,
      userID: "7",
      REQUEST_METHOD: "GET",
    };
    expect(rowOf({ ...event, "@timestamp": "2026-11-05T10:00:00Z" })).toMatchObject({
      ip_address: "203.0.113.5",
      request_path: "/a",
      status_code: "404",
      user_id: "7",
      request_method: "GET",
    });
  });

  test("stays in extra when the column's own name is present, and so do less likely names", () => {
    expect(rowOf({ ...visit, status_code: 200, status: 500 })).toMatchObject({
      status_code: "200",
      extra: { status: 500 },
    });
    expect(rowOf({ ...visit, url: "/b", timestamp: "2020-01-01T00:00:00Z" })).toMatchObject({
      request_path: "/a",
      created_at: "2026-11-05T10:00:00.000000Z",
      extra: { url: "/b", timestamp: "2020-01-01T00:00:00Z" },
    });
    expect(rowOf({ ...visit, http_status: 500, status: 404 })).toMatchObject({
      status_code: "404",
      extra: { http_status: 500 },
    });
  });

  test("is used when the column's own name has no value", () => {
    expect(rowOf({ ...visit, status_code: null, status: 404 })).toMatchObject({ status_code: "404" });
  });

  test("stays in extra with a value that the column does not accept, without rejecting the event", () => {
    const event = { ...visit, status: "active", user: { id: 7 }, session: true, duration_s: "long" };
    expect(rowOf(event)).toEqual({
      ...rowOf(visit),
      extra: { status: "active", user: { id: 7 }, session: true, duration_s: "long" },
    });
  });

  test("with an invalid time rejects the event, since the current time would be wrong", () => {
    const { created_at: _, ...undated } = visit;
    expect(refusal({ ...undated, timestamp: "yesterday" })).toBe("created_at: not a date and time");
    expect(refusal({ ...undated, time: 0.304 })).toBe("created_at: not a date and time");
  });

  test("has no value when a server wrote a hyphen", () => {
    expect(rowOf({ ...visit, remote_user: "-", http_referer: "-", status: "-" })).toEqual(rowOf(visit));
  });

  test("can be a date beside a time of day, or nginx's request line", () => {
    const { created_at: _, request_path: __, ...rest } = visit;
    const event = { ...rest, date: "2024-01-31", time: "8:00:01", request: "POST /b?c HTTP/2.0" };
    expect(rowOf(event)).toEqual({
      ip_address: "203.0.113.7",
      created_at: "2024-01-31T00:00:01.000000Z",
      request_method: "POST",
      request_path: "/b?c",
      extra: { protocol: "HTTP/2.0" },
    });
  });

  test("named ID in a spreadsheet is not used as the event's id", () => {
    expect(rowOf({ ...visit, ID: 1 })).toEqual({ ...rowOf(visit), extra: { ID: 1 } });
  });

  test("is stored in the columns of user activities", () => {
    const event = { username: "ann", event: "login", target_type: "case", target_id: 7, ts: "1687760693.123" };
    expect(rowOf({ ...event, remote_addr: "203.0.113.9:51234" }, "user_activities")).toEqual({
      user_id: "ann",
      action: "login",
      resource_type: "case",
      resource_id: "7",
      created_at: "2023-06-26T06:24:53.123000Z",
      ip_address: "203.0.113.9",
      extra: { client_port: "51234" },
    });
  });

  test("is documented", async () => {
    const text = await readFile("docs/fields.md", "utf8");
    const names = logTableList.flatMap(({ columns }) =>
      columns.flatMap(({ spellings = [] }) => spellings.map((name) => (typeof name === "string" ? name : name.name))),
    );
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("A response time", () => {
  test.each([
    [{ response_time: 12 }, "12"],
    [{ response_time: "12.6" }, "13"],
    [{ response_time: 0 }, "0"],
    [{ request_time: 0.304 }, "304"],
    [{ request_time: "0.000" }, "0"],
    [{ request_time: 0.0001 }, "1"],
    [{ duration_s: 1.5 }, "1500"],
    [{ durationMs: 7 }, "7"],
    [{ duration_us: 1_499 }, "1"],
    [{ duration_us: 20 }, "1"],
    [{ duration_ns: 2_600_000 }, "3"],
  ])("has the unit of its name: %j", (field, milliseconds) => {
    expect(rowOf({ ...visit, ...field }).response_time).toBe(milliseconds);
  });

  test.each([0.304, "0.304", 0.999])(
    "of %j milliseconds is rejected, and the reason names the field for seconds",
    (time) => {
      expect(refusal({ ...visit, response_time: time })).toBe(
        "response_time: between 0 and 1, but the unit is milliseconds; send seconds as request_time or duration_s",
      );
    },
  );

  test("that is not a number is rejected", () => {
    expect(refusal({ ...visit, response_time: "12ms" })).toBe("response_time: not a number");
    expect(refusal({ ...visit, response_time: -1 })).toMatch(/not between 0 and/);
  });
});

describe("A client address", () => {
  test.each([
    ["203.0.113.7, 10.0.0.1", "203.0.113.7", { forwarded_for: ["10.0.0.1"] }],
    ["unknown, 203.0.113.7", "203.0.113.7", { forwarded_for: ["unknown"] }],
    ["203.0.113.9:51234", "203.0.113.9", { client_port: "51234" }],
    ["[2001:db8::1]:443", "2001:db8::1", { client_port: "443" }],
    ["::1%0", "::1", { client_zone: "0" }],
    ["unix:", "127.0.0.1", { client: "unix:" }],
    [" 203.0.113.7 ", "203.0.113.7", undefined],
  ])("written as %j is parsed in either table", (written, address, extra) => {
    expect(rowOf({ ...visit, ip_address: written })).toMatchObject({ ip_address: address, ...(extra && { extra }) });
    expect(rowOf({ user_id: "7", action: "a", ip_address: written }, "user_activities").ip_address).toBe(address);
  });

  test.each(["unknown", "-", "localhost", "999.1.1.1", "10.0.0.0/8"])("that is invalid is rejected: %s", (written) => {
    expect(refusal({ ...visit, ip_address: written })).toBe("ip_address: not an IP address");
  });

  test("can be a service name in user activities", () => {
    const event = { user_id: "7", action: "a", ip_address: "ec2.amazonaws.com" };
    expect(rowOf(event, "user_activities").ip_address).toBe("ec2.amazonaws.com");
  });
});

test("Extra given as JSON text is not nested one level deeper", () => {
  expect(rowOf({ ...visit, extra: '{"court":"a"}' }).extra).toEqual({ court: "a" });
  expect(rowOf({ ...visit, extra: "plain" }).extra).toEqual({ extra: "plain" });
});
